"""Rows stay, in order; what is behind the saved state is cut off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gold_data.errors import OutputError
from gold_train.runs.metrics_file import MetricsFile


def test_rows_are_there_at_once_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    with MetricsFile(path, 0) as file:
        file.add({"step": 1, "loss": 0.1})
        assert json.loads(path.read_text()) == {"step": 1, "loss": 0.1}
        assert file.written() == path.stat().st_size


def test_what_was_written_after_the_state_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    with MetricsFile(path, 0) as file:
        file.add({"step": 1})
        kept = file.written()
        file.add({"step": 2})
    with MetricsFile(path, kept) as file:
        file.add({"step": 3})
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 3]


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text("{}\n")
    with pytest.raises(OutputError, match="has 3 bytes, 4 were written"):
        MetricsFile(tmp_path / "metrics.jsonl", 4)
    with pytest.raises(OutputError, match="cannot be written"):
        MetricsFile(tmp_path, 0)


def test_one_training_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    with MetricsFile(path) as first:
        first.add({"step": 1})
        with pytest.raises(OutputError, match="another training writes it now"):
            MetricsFile(path, 0)
        first.add({"step": 2})
    with MetricsFile(path) as second:
        second.add({"step": 3})
    assert len(path.read_text().splitlines()) == 3
