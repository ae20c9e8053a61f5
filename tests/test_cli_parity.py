"""`gold-data parity`, from the command line on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_line import Command
from rich.console import Console
from straight_road import straight_record, write_source

from gold_data.conversion import parity_check as job
from gold_data.conversion.parity_rows import COMPARED, FAILED, SHORT, UNUSABLE, ParityRow, ParitySummary
from gold_data.replay.parity import Agreement, DriveParity, Off, Stretch


def _run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object
) -> tuple[object, str, str]:
    done = Command(capsys, monkeypatch)("parity", *arguments)
    return done.code, done.out, done.err


def _drive(lidar: Off) -> DriveParity:
    before = Stretch({"lidar": lidar}, Agreement(neither=90), Agreement(neither=90), Agreement(neither=90))
    nothing = Stretch({"lidar": Off()}, Agreement(), Agreement(), Agreement())
    return DriveParity("random", 90, None, before, nothing, (0.0,) * 91, (0.0,) * 91, (True, True), (True, True))


@pytest.mark.parametrize(
    ("outcomes", "large", "code"),
    [
        ([COMPARED], 5, 0),
        ([COMPARED], 6, 1),
        ([COMPARED, SHORT], 0, 0),
        ([COMPARED, FAILED], 0, 1),
        ([COMPARED, UNUSABLE], 0, 3),
        ([SHORT, UNUSABLE], 0, 2),
    ],
)
def test_exit_codes(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    outcomes: list[str],
    large: int,
    code: int,
) -> None:
    def checked(*_: object, console: Console, **__: object) -> ParitySummary:
        summary = ParitySummary()
        for outcome in outcomes:
            drives = (_drive(Off(1000, large, large, 0.5)),) if outcome == COMPARED else ()
            summary.add(ParityRow(outcome=outcome, scenario="0a", source="a", offset=0, drives=drives))
        return summary

    monkeypatch.setattr(job, "parity_check", checked)
    found, out, err = _run(capsys, monkeypatch, "somewhere")
    assert found == code
    assert ("missed" in out) == (large > 5)
    assert ("give records of at least 60 steps" in " ".join(err.split())) == (code == 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument"),
        (["missing"], "gold-data: missing: there is no such file or folder; check the path"),
        (["a.tfrecord", "--time-limit", "0"], "gold-data: --time-limit 0: give seconds, more than 0"),
        (["a.tfrecord", "--workers", "0", "--to", "missing/rows"], "gold-data: missing/rows: cannot be written"),
        (["a.tfrecord", "--workers", "0"], "gold-data: a.tfrecord: nothing to drive; give records of at least 60"),
    ],
)
def test_wrong_use(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[Any],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_source(tmp_path / "a.tfrecord", [straight_record("0a", steps=20)])
    code, _, err = _run(capsys, monkeypatch, *arguments)
    assert code == 2
    assert said in " ".join(err.replace("│", "").split())
    assert [path.name for path in tmp_path.iterdir()] == ["a.tfrecord"]
