"""The parity check as a job: which records are driven, and what comes of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from parity_material import drive
from rich.console import Console
from straight_road import EGO, nobody, straight_record, write_source

from gold_data.conversion import parity_check as job
from gold_data.conversion.checking import indexing, plan_of_records
from gold_data.conversion.parity_check import parity_check
from gold_data.conversion.parity_rows import COMPARED, FAILED, SHORT, UNUSABLE, ParitySummary
from gold_data.errors import OutputError, SettingsError, SimulatorError, SourceError
from gold_data.replay.both_engines import DRIVES, ParityJob, drive_both
from gold_data.replay.parity import DriveParity
from gold_data.synth.records import encode

QUIET = Console(quiet=True)
LONG = 70
"""Steps of a record that is driven."""


def _check(*paths: Path, **choices: Any) -> ParitySummary:
    return parity_check([str(path) for path in paths], **{"workers": 0, "console": QUIET, **choices})


def _lines(to: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in to.read_text().splitlines()]


class _InThisProcess:
    """In place of a child process; the scenario named in `fails` fails."""

    def __init__(self, fails: str = "") -> None:
        self._fails = fails

    def __call__(self, function: Callable[..., Any], time_limit: float) -> _InThisProcess:
        assert function is drive_both
        return self

    def __enter__(self) -> Callable[[ParityJob], tuple[DriveParity, ...]]:
        return self._call

    def __exit__(self, *_: object) -> None:
        pass

    def _call(self, asked: ParityJob) -> tuple[DriveParity, ...]:
        if asked.description["id"] == self._fails:
            raise SimulatorError("SceneError", None, "/a/path")
        return tuple(drive(kind) for kind in DRIVES)


def test_records_of_every_fate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [straight_record(name, steps=LONG) for name in ("0a", "0b", "0c")]
    edge = [straight_record("60", steps=61), straight_record("59", steps=60)]
    write_source(tmp_path / "src" / "a.tfrecord", [*records, *edge, encode(nobody())], damaged=[1])
    monkeypatch.setattr(job, "Isolated", _InThisProcess(fails="0c"))
    summary = _check(tmp_path / "src", to=tmp_path / "rows.jsonl")
    assert summary.outcomes == {COMPARED: 2, FAILED: 1, SHORT: 1, UNUSABLE: 2}
    rows = _lines(tmp_path / "rows.jsonl")
    assert [(row["scenario"], row["outcome"], row["error"]) for row in rows] == [
        ("", UNUSABLE, "damaged: its data do not match their CRC-32C"),
        ("0a", COMPARED, None),
        ("0c", FAILED, "simulator_error: SceneError before the first step"),
        ("60", COMPARED, None),
        ("59", SHORT, "short: 59 steps, not 60"),
        ("12", UNUSABLE, "not_describable: sdc_track_index -1 of 2 tracks"),
    ]
    assert {row["ego"] for row in rows[1:5]} == {str(EGO)}
    assert [one["drive"] for one in rows[1]["drives"]] == list(DRIVES)


def test_a_record_driven_in_a_child(tmp_path: Path) -> None:
    source = write_source(tmp_path / "src" / "a.tfrecord", [straight_record("0a", steps=LONG)])
    summary = _check(source)
    assert summary.outcomes == {COMPARED: 1}
    assert set(summary.drives) == set(DRIVES)
    everything = summary.all_drives()
    assert everything.steps == 4 * (LONG - 1)
    assert everything.before.values["navigation"].small == 0
    assert everything.before.contact.wrong == 0
    assert max(everything.position[60]) < 0.01


class _Backwards:
    """A runner whose tasks are done last first."""

    workers = 1

    def run(self, function: Callable[..., Any], tasks: Any, report: Any) -> Any:
        return [(number, function(tasks[number], report)) for number in reversed(range(len(tasks)))]


def test_rows_come_in_order_whatever_is_done_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number:02d}" for number in range(7)]
    write_source(tmp_path / "src" / "a.tfrecord", [straight_record(name, steps=LONG) for name in names])
    monkeypatch.setattr(job, "Isolated", _InThisProcess())
    monkeypatch.setattr(job, "SCENARIOS", 2)
    runner = _Backwards()
    plan = plan_of_records([str(tmp_path / "src")], indexing(runner, QUIET))
    assert [row.scenario for row in job._rows(plan, runner, 10.0, QUIET)] == names


def test_a_record_that_was_changed_since_is_a_row(tmp_path: Path) -> None:
    path = write_source(tmp_path / "src" / "a.tfrecord", [straight_record("0a", steps=LONG)])
    runner = _Backwards()
    plan = plan_of_records([str(path)], indexing(runner, QUIET))
    write_source(path, [straight_record("0b", steps=LONG)])
    (row,) = job._rows(plan, runner, 60.0, QUIET)
    assert row.outcome == UNUSABLE
    assert "changed" in str(row.error)


@pytest.mark.parametrize(
    ("choices", "error"),
    [({"time_limit": 0.0}, SettingsError), ({"workers": -1}, SettingsError), ({"to": Path("none/x")}, OutputError)],
)
def test_wrong_use(tmp_path: Path, choices: dict[str, Any], error: type[Exception]) -> None:
    source = write_source(tmp_path / "src" / "a.tfrecord", [straight_record("0a")])
    with pytest.raises(error):
        _check(source, **choices)


def test_nothing_whole(tmp_path: Path) -> None:
    source = write_source(tmp_path / "src" / "a.tfrecord", [straight_record("0a")], damaged=[0])
    with pytest.raises(SourceError, match="not one whole scenario"):
        _check(source)
