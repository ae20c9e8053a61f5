from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from straight_road import EGO, nobody, straight_record, straight_scenario, write_source

from gold_data import Dataset
from gold_data.conversion import replay_check as job
from gold_data.conversion.replay_check import replay_check
from gold_data.conversion.replay_rows import BREACH, FAILED, FAITHFUL, UNUSABLE, ReplaySummary
from gold_data.conversion.run import runner
from gold_data.errors import OutputError, SettingsError, SimulatorError, SourceError
from gold_data.replay.fidelity import Breach, Fault, Fidelity
from gold_data.replay.log_replay import ReplayJob, check_replay
from gold_data.synth.records import encode

QUIET = Console(quiet=True)


def _check(*paths: Path, **choices: Any) -> ReplaySummary:
    return replay_check([str(path) for path in paths], **{"workers": 0, "console": QUIET, **choices})


def _lines(to: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in to.read_text().splitlines()]


class _InThisProcess:
    """In place of a child process; scenarios named in `fails` fail, those in `breaks` have a breach."""

    def __init__(self, fails: str = "", breaks: str = "") -> None:
        self._fails, self._breaks = fails, breaks

    def __call__(self, function: Callable[..., Fidelity], time_limit: float) -> _InThisProcess:
        assert function is check_replay
        return self

    def __enter__(self) -> Callable[[ReplayJob], Fidelity]:
        return self._call

    def __exit__(self, *_: object) -> None:
        pass

    def _call(self, asked: ReplayJob) -> Fidelity:
        name = asked.description["id"]
        if name == self._fails:
            raise SimulatorError("AssertionError", 4, "/a/path")
        found = Fidelity(2, 60, 1e-6, 0.0, (), ())
        return replace(found, breaches=(Breach("3", Fault.MISSING, 2, 1),)) if name == self._breaks else found


def test_records_of_every_fate(tmp_path: Path) -> None:
    good = [straight_record(name) for name in ("0a", "0b", "0c")]
    others = replace(straight_scenario("0d"), tracks=straight_scenario("0d").tracks * 2)  # each id twice
    write_source(tmp_path / "src" / "a.tfrecord", [*good, encode(nobody()), encode(others)], damaged=[1])
    summary = _check(tmp_path / "src", to=tmp_path / "rows.jsonl")
    assert summary.outcomes == {FAITHFUL: 2, UNUSABLE: 3}
    assert not summary.found_something
    rows = _lines(tmp_path / "rows.jsonl")
    assert [row["outcome"] for row in rows] == [UNUSABLE, FAITHFUL, FAITHFUL, UNUSABLE, UNUSABLE]
    assert [row["error"] for row in rows] == [
        "damaged: its data do not match their CRC-32C",
        None,
        None,
        "not_describable: sdc_track_index -1 of 2 tracks",
        "not_describable: two tracks with id 3",
    ]
    assert [row["scenario"] for row in rows] == ["", "0a", "0c", "12", "0d"]
    assert rows[2]["offset"] == len(good[0]) + len(good[1]) + 32
    assert {(row["ego"], row["objects"], row["steps"], row["first"]) for row in rows[1:3]} == {(str(EGO), 2, 60, 0)}
    assert all(0 <= row["position_error"] < 1e-4 and 0 <= row["heading_error"] < 1e-5 for row in rows[1:3])


def test_a_dataset(converted: Dataset, tmp_path: Path) -> None:
    summary = _check(converted.root, to=tmp_path / "rows.jsonl")
    assert summary.outcomes == {FAITHFUL: 6}
    assert [(row["scenario"], row["ego"]) for row in _lines(tmp_path / "rows.jsonl")] == [
        (episode["scenario_id"], episode["ego_id"]) for episode in converted.episodes()
    ]


def test_a_breach_and_a_failure_are_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_source(tmp_path / "src" / "a.tfrecord", [straight_record(name) for name in ("0a", "0b", "0c")])
    monkeypatch.setattr(job, "Isolated", _InThisProcess(fails="0b", breaks="0c"))
    summary = _check(tmp_path / "src", to=tmp_path / "rows.jsonl")
    assert summary.found_something
    assert summary.outcomes == {FAITHFUL: 1, FAILED: 1, BREACH: 1}
    good, failed, broken = _lines(tmp_path / "rows.jsonl")
    assert (good["breaches"], good["error"]) == ([], None)
    assert failed["error"] == "simulator_error: AssertionError at step 4"
    assert broken["breaches"] == [
        {"object": "3", "fault": "missing", "step": 2, "steps": 1, "position_error": None, "heading_error": None}
    ]


def test_an_episode_without_a_record_is_a_row(
    converted: Dataset, small_sources: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "Isolated", _InThisProcess())
    summary = _check(converted.root, sources=small_sources[1:], to=tmp_path / "rows.jsonl")
    assert summary.outcomes[FAITHFUL] + summary.outcomes[UNUSABLE] == 6
    assert summary.outcomes[UNUSABLE] > 0
    assert _lines(tmp_path / "rows.jsonl")[0]["error"].startswith("no_record: no record of episode ")


class _Backwards:
    """A runner whose tasks are done last first."""

    workers = 1

    def run(self, function: Callable[..., Any], tasks: Any, report: Any) -> Any:
        return [(number, function(tasks[number], report)) for number in reversed(range(len(tasks)))]


def test_rows_come_in_order_whatever_is_done_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number:02d}" for number in range(11)]
    write_source(tmp_path / "src" / "a.tfrecord", [straight_record(name, steps=3) for name in names])
    monkeypatch.setattr(job, "Isolated", _InThisProcess())
    monkeypatch.setattr(job, "REPLAYS", 2)
    plan = job._plan([str(tmp_path / "src")], (), _Backwards(), QUIET)
    assert [row.scenario for row in job._rows(plan, _Backwards(), 10.0, QUIET)] == names


def test_a_record_that_was_changed_since_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_source(tmp_path / "src" / "a.tfrecord", [straight_record("0a")])
    with runner(0, None) as running:
        plan = job._plan([str(path)], (), running, QUIET)
        write_source(path, [straight_record("0b")])
        (row,) = job._rows(plan, running, 60.0, QUIET)
    assert row.outcome == UNUSABLE
    assert row.error is not None
    assert "changed" in row.error


def test_an_ego_that_its_record_lacks_is_a_row(converted: Dataset, tmp_path: Path) -> None:
    with runner(0, None) as running:
        plan = job._plan([str(converted.root)], (), running, QUIET)
        strange = replace(plan, asked=(replace(plan.asked[0], ego_id="99"),))
        (row,) = job._rows(strange, running, 60.0, QUIET)
    assert (row.outcome, row.error, row.ego) == (UNUSABLE, "not_describable: it has no track 99", "99")


def test_a_source_without_a_whole_record(tmp_path: Path) -> None:
    source = write_source(tmp_path / "src" / "a.tfrecord", [straight_record("0a")], damaged=[0])
    with pytest.raises(SourceError, match=r"not one whole scenario \(src/a\.tfrecord at byte 0: its data do not match"):
        _check(source)


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"sources": ["x"]}, "--source says where the records of a dataset are; name the dataset too"),
        ({"time_limit": 0.0}, "--time-limit 0: give seconds"),
        ({"time_limit": float("nan")}, "--time-limit nan: give seconds"),
        ({"workers": -1}, "--workers -1: ask for 1 or more"),
    ],
)
def test_wrong_use(tmp_path: Path, choices: dict[str, Any], said: str) -> None:
    source = write_source(tmp_path / "src" / "a.tfrecord", [straight_record("0a")])
    with pytest.raises(SettingsError, match=said):
        _check(source, **choices)


def test_a_dataset_is_checked_alone(converted: Dataset, small_sources: list[str]) -> None:
    with pytest.raises(SettingsError, match="is a dataset; check one alone, or name sources only"):
        _check(converted.root, Path(small_sources[0]))


def test_a_place_that_cannot_be_written(converted: Dataset, tmp_path: Path) -> None:
    to = tmp_path / "missing" / "rows.jsonl"
    with pytest.raises(OutputError, match="cannot be written"):
        _check(converted.root, to=to)
    assert not to.parent.exists()
