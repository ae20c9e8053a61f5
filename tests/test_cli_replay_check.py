"""`gold-data replay-check`, from the command line on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Command
from rich.console import Console
from straight_road import straight_record, write_source

from gold_data import Dataset
from gold_data.conversion import replay_check as job
from gold_data.conversion.replay_rows import BREACH, FAILED, FAITHFUL, UNUSABLE, ReplayRow, ReplaySummary


def _run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object
) -> tuple[object, str, str]:
    done = Command(capsys, monkeypatch)("replay-check", *arguments)
    return done.code, done.out, done.err


def test_a_dataset_that_is_faithful(
    converted: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "rows.jsonl"
    code, out, err = _run(capsys, monkeypatch, converted.root, "--workers", 0, "--to", to)
    assert code == 0
    assert [json.loads(line)["outcome"] for line in to.read_text().splitlines()] == [FAITHFUL] * 6
    assert "replays" in out
    assert "objects compared" in out
    assert "Replaying: 6/6 (100%)" in err


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([FAITHFUL, FAITHFUL], 0),
        ([FAITHFUL, BREACH], 1),
        ([FAITHFUL, FAILED], 1),
        ([FAITHFUL, UNUSABLE], 3),
        ([BREACH, UNUSABLE], 1),
    ],
)
def test_exit_codes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, outcomes: list[str], code: int
) -> None:
    def checked(*_: object, console: Console, **__: object) -> ReplaySummary:
        summary = ReplaySummary()
        for outcome in outcomes:
            summary.add(ReplayRow(outcome=outcome, scenario="0a", source="a", offset=0))
        return summary

    monkeypatch.setattr(job, "replay_check", checked)
    assert _run(capsys, monkeypatch, "somewhere")[0] == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument"),
        (["missing"], "gold-data: missing: there is no such file or folder; check the path"),
        (["a.tfrecord", "--time-limit", "-1"], "gold-data: --time-limit -1: give seconds, more than 0"),
        (["a.tfrecord", "--workers", "-1"], "gold-data: --workers -1: ask for 1 or more"),
        (["a.tfrecord", "--workers", "0", "--to", "missing/rows"], "gold-data: missing/rows: cannot be written"),
        (["a.tfrecord", "--source", "a.tfrecord"], "gold-data: --source says where the records of a dataset are"),
    ],
)
def test_wrong_use(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_source(tmp_path / "a.tfrecord", [straight_record("0a")])
    code, out, err = _run(capsys, monkeypatch, *arguments)
    assert (code, out) == (2, "")
    assert said in " ".join(err.replace("│", "").split())
    assert [path.name for path in tmp_path.iterdir()] == ["a.tfrecord"]
