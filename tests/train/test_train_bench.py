"""Known answer K28 of algorithms.md, and that what is timed is what is said."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from rich.console import Console

from gold_data.errors import OutputError, SettingsError
from gold_train import cli
from gold_train.bench import CALLS, REPEATS, WARM_UP, Measured, bench, describe, ratio, table, untrained, write_rows
from gold_train.checkpoint import save_policy
from gold_train.policies.decision_transformer import DecisionTransformer

torch.set_num_threads(1)

STUDENT = Measured("student", "bc", 107_780, 161, (0.031, 0.030, 0.029, 0.030, 0.045))
GUIDE = Measured("dt paper", "dt", 668_162, 161, (0.30, 0.31, 0.33, 0.31, 0.31))


def test_k28_medians_and_their_ratio() -> None:
    assert STUDENT.milliseconds == pytest.approx(0.3, abs=1e-6)
    assert GUIDE.milliseconds == pytest.approx(3.1, abs=1e-6)
    assert ratio(GUIDE, STUDENT) == pytest.approx(10.33333333, abs=1e-6)
    assert (WARM_UP, CALLS, REPEATS) == (20, 100, 5)


class Listening(DecisionTransformer):
    """Counts the steps that it is shown."""

    shown: ClassVar[list[int]] = []

    def forward(self, *steps: torch.Tensor) -> torch.Tensor:
        self.shown.append(int(steps[-1].sum()))
        return super().forward(*steps)


def test_a_guide_is_timed_at_its_full_context() -> None:
    policy = untrained(["toy"], 9)["dt toy"]
    policy.network.__class__ = Listening
    Listening.shown.clear()
    rows = bench({"guide": policy}, torch.device("cpu"))
    timed = CALLS * REPEATS
    assert len(Listening.shown) == 8 + WARM_UP + timed
    assert set(Listening.shown[-timed - WARM_UP :]) == {8}
    assert len(rows[0].seconds) == REPEATS
    assert min(rows[0].seconds) > 0


def test_presets_stand_beside_a_student() -> None:
    made = untrained(["toy"], 9)
    torch.set_num_threads(1)
    rows = bench(made, torch.device("cpu"))
    assert [(row.name, row.kind, row.observation_size) for row in rows] == [("student", "bc", 9), ("dt toy", "dt", 9)]
    assert rows[1].parameters == 15_330
    assert torch.get_num_threads() == 1


def test_the_table_names_machine_threads_and_ratios() -> None:
    shown = printed([STUDENT, GUIDE])
    for part in ("1 thread;", torch.__version__, "668,162", "6.2", "10.3", "3.1"):
        assert part in shown


def test_without_a_student_there_is_nothing_to_be_beside() -> None:
    shown = printed([GUIDE])
    assert "668,162" in shown
    assert "6.2" not in shown


def printed(rows: list[Measured]) -> str:
    console = Console(width=160, file=io.StringIO(), record=True)
    console.print(table(rows, describe(torch.device("cpu"), 1)))
    return console.export_text()


def test_the_command_measures_presets_and_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_policy(tmp_path / "guide.safetensors", untrained(["toy"], 5)["dt toy"])
    arguments = ["bench", tmp_path / "guide.safetensors", "--to", tmp_path / "bench.json"]
    monkeypatch.setattr(sys, "argv", ["gold-train", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    written = json.loads((tmp_path / "bench.json").read_text())
    assert [row["name"] for row in written["rows"]] == ["student", str(tmp_path / "guide.safetensors")]
    assert [row["observation_size"] for row in written["rows"]] == [5, 5]
    assert written["threads"] == 1
    assert all(len(row["seconds"]) == REPEATS for row in written["rows"])


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="enormous"):
        untrained(["enormous"], 5)
    with pytest.raises(OutputError, match="cannot be written"):
        write_rows(tmp_path / "nowhere" / "bench.json", [STUDENT], {})
