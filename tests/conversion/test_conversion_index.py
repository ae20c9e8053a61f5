from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import google_crc32c
import numpy as np
import pytest
from straight_road import EGO, QUICK, STEPS, straight_record, straight_scenario, write_source

from gold_data.conversion.index import IndexedRecord, SourceIndex, index_source
from gold_data.sources import find_sources
from gold_data.synth.records import encode
from gold_data.trajectories.acceptance import Rejection
from gold_data.trajectories.egos import Candidate, Candidates
from gold_data.womd.messages import Scenario


def index(folder: Path, *records: bytes, damaged: tuple[int, ...] = ()) -> SourceIndex:
    path = write_source(folder / "training" / "part.tfrecord-00000-of-00001", records, damaged)
    (source,) = find_sources([str(path)])
    return index_source(source, QUICK)


def one(folder: Path, scenario: Scenario) -> IndexedRecord:
    (record,) = index(folder, encode(scenario)).records
    return record


def with_states(scenario: Scenario, **columns: object) -> Scenario:
    """The same record with columns of the ego's states replaced: {name: (frames, value)}."""
    *others, ego = scenario.tracks
    states = ego.states.copy()
    for name, change in columns.items():
        assert isinstance(change, tuple)
        frames, value = change
        states[name][frames] = value
    return replace(scenario, tracks=(*others, replace(ego, states=states)))


def test_what_is_in_a_file(tmp_path: Path) -> None:
    records = [straight_record("aa"), straight_record("bb", speed=0.1), straight_record("cc", steps=12)]
    found = index(tmp_path, *records)
    assert found.source == "training/part.tfrecord-00000-of-00001"
    assert found.size == sum(len(record) + 16 for record in records)
    assert found.damaged == ()
    assert [record.scenario_id for record in found.records] == ["aa", "bb", "cc"]
    assert [record.offset for record in found.records] == [0, len(records[0]) + 16, sum(map(len, records[:2])) + 32]
    assert [record.length for record in found.records] == list(map(len, records))
    assert [record.crc for record in found.records] == [google_crc32c.value(record) for record in records]
    assert {record.source for record in found.records} == {found.source}
    good, slow, brief = [record.candidates.egos for record in found.records]
    assert good == (Candidate(str(EGO), 0, STEPS, None),)
    assert slow[0].rejection is not None
    assert (slow[0].rejection.rule, slow[0].rejection.threshold) == ("parked", 10.0)
    assert brief == (Candidate(str(EGO), 0, 12, Rejection("too_short", 12, 20)),)


def test_damage_is_set_aside_and_the_rest_is_read(tmp_path: Path) -> None:
    records = [straight_record(name) for name in ("aa", "bb", "cc")]
    nonsense = b"\x0a\xff\xff\xff\xff\x7f"
    found = index(tmp_path, records[0], records[1], nonsense, records[2], damaged=(1,))
    assert [record.scenario_id for record in found.records] == ["aa", "cc"]
    torn, unreadable = found.damaged
    assert (torn.source, torn.offset, torn.length) == (found.source, len(records[0]) + 16, len(records[1]) + 16)
    assert "CRC-32C" in torn.reason
    assert (unreadable.offset, unreadable.length) == (torn.offset + torn.length, len(nonsense))
    assert unreadable.reason


def test_the_run_is_the_longest_that_is_valid(tmp_path: Path) -> None:
    record = one(tmp_path, with_states(straight_scenario("aa"), valid=([0, 1, 27], False)))
    assert record.candidates == Candidates((Candidate(str(EGO), 2, 27, None),), 0)


@pytest.mark.parametrize("track", [-1, 2, 99])
def test_an_index_that_names_no_track_gives_no_candidate(tmp_path: Path, track: int) -> None:
    record = one(tmp_path, replace(straight_scenario("aa"), sdc_track_index=track))
    assert record.candidates == Candidates((), 0)
    assert len(record.ego_states) == 0
    assert len(record.lanes) == 2


def test_a_record_of_nothing_has_no_candidate(tmp_path: Path) -> None:
    empty = replace(straight_scenario("aa"), tracks=(), map_features=(), sdc_track_index=0)
    record = one(tmp_path, empty)
    assert (record.candidates.egos, len(record.ego_states), len(record.lanes)) == ((), 0, 0)


@pytest.mark.parametrize("column", ["center_x", "velocity_y", "heading"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_state_that_is_no_number_is_not_valid(tmp_path: Path, column: str, value: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record = one(tmp_path, with_states(straight_scenario("aa"), **{column: ([10], value)}))
    (candidate,) = record.candidates.egos
    assert (candidate.first, candidate.last) == (11, STEPS)
    assert candidate.rejection == Rejection("too_short", STEPS - 11, 20)


def test_headings_of_others_that_are_no_numbers_are_not_mended(tmp_path: Path) -> None:
    scenario = straight_scenario("aa")
    other = scenario.tracks[0].states.copy()
    other["heading"][3] = np.nan
    spoilt = replace(scenario, tracks=(replace(scenario.tracks[0], states=other), *scenario.tracks[1:]))
    (candidate,) = one(tmp_path, spoilt).candidates.egos
    assert candidate.rejection == Rejection("bad_heading", None, 60.0, "not a number")


def test_nowhere_is_no_place_that_two_records_share(tmp_path: Path) -> None:
    lost = [with_states(straight_scenario(name), center_z=(slice(None), np.nan)) for name in ("aa", "bb")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [len(one(tmp_path, scenario).ego_states) for scenario in lost] == [0, 0]


def test_places_are_the_same_whenever_they_are_passed(tmp_path: Path) -> None:
    early = one(tmp_path, straight_scenario("aa", place="here"))
    late = one(tmp_path, straight_scenario("bb", place="here", first=10))
    elsewhere = one(tmp_path, straight_scenario("cc", place="there"))
    assert len(early.ego_states) == STEPS
    assert len(np.intersect1d(early.ego_states, late.ego_states)) == STEPS - 10
    assert len(np.intersect1d(early.ego_states, elsewhere.ego_states)) == 0
    assert set(early.lanes) == set(late.lanes)
    assert len(np.intersect1d(early.lanes, elsewhere.lanes)) == 0


@pytest.mark.parametrize(("metres", "same"), [(0.0004, True), (0.002, False)])
def test_places_are_told_apart_by_the_millimetre(tmp_path: Path, metres: float, same: bool) -> None:
    scenario = straight_scenario("aa")
    height = scenario.tracks[-1].states["center_z"] + metres
    first, moved = one(tmp_path, scenario), one(tmp_path, with_states(scenario, center_z=(slice(None), height)))
    assert (len(np.intersect1d(first.ego_states, moved.ego_states)) == STEPS) is same
    assert same or not len(np.intersect1d(first.ego_states, moved.ego_states))
