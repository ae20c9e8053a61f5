from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gold_data.replay.rollout import Rollout
from gold_data.settings import AcceptanceSettings
from gold_data.trajectories.acceptance import (
    RecordedTrack,
    Rejection,
    Surroundings,
    judge_demonstration,
    judge_drive,
    judge_log,
    judge_record,
    longest_run,
    longest_runs,
)

THRESHOLDS = AcceptanceSettings()
LANE = np.column_stack([np.arange(0.0, 100.0), np.zeros(100), np.full(100, 50.0)])


def ego(steps: int = 80, speed: float = 10.0, heading: float = 0.0, valid: slice = slice(None)) -> RecordedTrack:
    """A car that drives along x at a constant speed (m/s)."""
    there = np.zeros(steps, bool)
    there[valid] = True
    along = np.arange(steps) * speed * 0.1
    return RecordedTrack(
        position=np.column_stack([along, np.zeros(steps)]),
        heading=np.full(steps, heading),
        velocity=np.column_stack([np.full(steps, speed), np.zeros(steps)]),
        valid=there,
    )


def judged(
    track: RecordedTrack, headings: float = 0.0, lane: NDArray[np.float64] | None = LANE, **thresholds: float
) -> Rejection | None:
    lanes = np.zeros((0, 2)) if lane is None else lane[:, :2]
    return judge_record(track, Surroundings(headings, lanes), THRESHOLDS.model_copy(update=thresholds))


def moved(track: RecordedTrack, frame: int, metres: float) -> RecordedTrack:
    """The same car, all of it that much further to the left from a frame on."""
    track.position[frame:, 1] += metres
    return track


def test_a_good_record_is_kept() -> None:
    assert judged(ego()) is None


def test_too_short_counts_the_longest_run() -> None:
    assert judged(ego(valid=slice(10, 69))) == Rejection("too_short", 59, 60)
    assert judged(ego(valid=slice(10, 70))) is None
    assert judged(ego(valid=slice(0, 0))) == Rejection("too_short", 0, 60)
    gap = ego(80)
    gap.valid[40] = False
    assert judged(gap) == Rejection("too_short", 40, 60)


def test_what_is_not_valid_is_not_looked_at() -> None:
    track = ego(80, valid=slice(0, 65))
    track.position[70:] = np.nan
    track.velocity[70:] = 1e9
    track.heading[66:] = 3000.0
    assert judged(track) is None


def test_headings_in_degrees() -> None:
    assert judged(ego(), headings=60.0) is None
    assert judged(ego(), headings=60.5) == Rejection("bad_heading", 60.5, 60.0, "degrees")


def test_headings_that_are_no_numbers_are_said_to_be_so() -> None:
    found = judged(ego(), headings=math.nan)
    assert found is not None
    assert (found.rule, found.value, found.detail) == ("bad_heading", None, "not a number")


@pytest.mark.parametrize("turned", [1.01, -1.01, math.pi, 1.01 + 4 * math.pi])
def test_headings_that_disagree_with_the_velocity(turned: float) -> None:
    found = judged(ego(heading=turned))
    assert found is not None
    assert (found.rule, found.threshold, found.detail) == ("bad_heading", 1.0, "heading and velocity disagree")
    assert found.value == pytest.approx(min(abs(turned), math.pi) if abs(turned) < 4 else 1.01)
    assert judged(ego(heading=0.99)) is None


def test_a_slow_ego_may_head_anywhere() -> None:
    assert judged(ego(steps=70, speed=1.99, heading=2.0)) is None
    found = judged(ego(steps=70, speed=2.01, heading=2.0))
    assert found is not None
    assert found.rule == "bad_heading"


def test_parked_is_what_drives_less_than_the_route() -> None:
    found = judged(ego(speed=1.0))
    assert found is not None
    assert (found.rule, found.threshold) == ("parked", 10.0)
    assert found.value == pytest.approx(7.9, abs=0.01)
    assert judged(ego(steps=71, speed=1.0), min_route=6.99) is None
    assert judged(ego(steps=71, speed=1.0), min_route=7.01) is not None


def test_a_pose_jump_is_a_step_that_does_not_fit_the_velocity() -> None:
    found = judged(moved(ego(), 40, 0.31))
    assert found is not None
    assert (found.rule, found.threshold) == ("pose_jump", 3.0)
    assert found.value == pytest.approx(3.1)
    assert judged(moved(ego(), 40, 0.29)) is None


def test_no_map_is_no_lane_near_the_route() -> None:
    beside = LANE + np.array([0.0, 10.0, 0.0])
    assert judged(ego(), lane=beside) is None
    found = judged(ego(), lane=beside + np.array([0.0, 0.5, 0.0]))
    assert found == Rejection("no_map", 10.5, 10.0)
    assert judged(ego(), lane=None) == Rejection("no_map", None, 10.0)
    assert judged(ego(), lane=LANE[:0]) == Rejection("no_map", None, 10.0)


def test_a_point_of_a_lane_that_is_nowhere_hides_no_other() -> None:
    spoilt = LANE + np.array([0.0, 30.0, 0.0])
    spoilt[3] = np.nan
    assert judged(ego(), lane=spoilt) == Rejection("no_map", 30.0, 10.0)
    assert judged(ego(), lane=np.full((2, 3), np.inf)) == Rejection("no_map", None, 10.0)


WRONG: Mapping[str, Mapping[str, Any]] = {
    "too_short": {"valid": slice(0, 30)},
    "degrees": {"headings": 90.0},
    "disagree": {"heading": 3.0},
    "parked": {"min_route": 1000.0},
    "pose_jump": {"jump": 2.0},
    "no_map": {"lane": None},
}


@pytest.mark.parametrize("first", range(len(WRONG)))
def test_the_first_rule_in_order_is_the_reason(first: int) -> None:
    names = list(WRONG)
    wrong = {key: value for name in names[first:] for key, value in WRONG[name].items()}
    track = ego(**{key: wrong.pop(key) for key in ("valid", "heading") if key in wrong})
    found = judged(moved(track, 20, wrong.pop("jump", 0.0)), **wrong)
    assert found is not None
    rule = {"degrees": "bad_heading", "disagree": "bad_heading"}.get(names[first], names[first])
    assert found.rule == rule
    assert found.detail == {"degrees": "degrees", "disagree": "heading and velocity disagree"}.get(names[first], "")


@pytest.mark.parametrize("far", [1e30, 1e300])
def test_a_place_beyond_all_maps_is_a_jump_and_asks_for_no_memory(far: float) -> None:
    track = ego()
    track.position[1:, 0] += far
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = judged(track)
    assert found is not None
    assert found.rule == "pose_jump"


@given(st.lists(st.booleans(), max_size=40))
@settings(max_examples=200)
def test_longest_run_is_the_first_of_the_longest(valid: list[bool]) -> None:
    runs = [
        (start, end) for start in range(len(valid)) for end in range(start + 1, len(valid) + 1) if all(valid[start:end])
    ]
    best = max(runs, key=lambda run: (run[1] - run[0], -run[0]), default=(0, 0))
    found = longest_run(np.array(valid, bool))
    assert (found.start, found.stop) == best


@given(st.integers(0, 5), st.integers(0, 12), st.data())
@settings(max_examples=100)
def test_longest_runs_are_those_of_each_row(tracks: int, frames: int, data: st.DataObject) -> None:
    valid = np.array(data.draw(st.lists(st.booleans(), min_size=tracks * frames, max_size=tracks * frames)), bool)
    runs = longest_runs(valid.reshape(tracks, frames))
    assert runs.shape == (tracks, 2)
    assert [slice(*run) for run in runs.tolist()] == [longest_run(row) for row in valid.reshape(tracks, frames)]


def test_a_route_that_reaches_the_map_later_is_near_it() -> None:
    ahead = LANE[:50] + np.array([60.0, 0.0, 0.0])
    assert judged(ego(), lane=ahead) is None


def driven(arrived: bool = True, cost_at: int | None = None, end: float = 0.0, steps: int = 5) -> Rollout:
    costs = np.zeros(steps, np.float32)
    if cost_at is not None:
        costs[cost_at:] = 1
    log = np.zeros((steps + 1, 7))
    car = log.copy()
    car[-1, 1] = end
    return Rollout(
        observations=np.zeros((steps + 1, 3), np.float32),
        actions=np.zeros((steps, 2), np.float32),
        expert_actions=np.zeros((steps, 2), np.float32),
        rewards=np.zeros(steps, np.float32),
        costs=costs,
        flags=np.zeros(steps, np.uint16),
        contact_bearing=np.full(steps, np.nan, np.float32),
        ego_state=car,
        log_state=log,
        terminated=arrived,
        truncated=not arrived,
        arrived=arrived,
        route_length=20.0,
        start=0,
        start_offset=(0.0, 0.0, 0.0, 0.0),
        noise=0.0,
    )


def test_a_good_drive_is_kept() -> None:
    assert judge_drive(driven(end=0.5), THRESHOLDS) is None


def test_who_does_not_arrive_is_told_how_far_off_the_end_is() -> None:
    everything = judge_drive(driven(arrived=False, cost_at=0, end=3.0), THRESHOLDS)
    assert everything == Rejection("no_arrival", 3.0, None, "out of time after step 5")
    gone = replace(driven(arrived=False, end=4.5), terminated=True, truncated=False)
    assert judge_demonstration(gone, THRESHOLDS) == Rejection("no_arrival", 4.5, None, "left the road at step 5")


def test_a_disturbed_drive_may_end_off_the_record() -> None:
    assert judge_drive(driven(end=0.75), THRESHOLDS) is not None
    assert judge_demonstration(driven(end=0.75), THRESHOLDS) is None
    assert judge_demonstration(driven(cost_at=2), THRESHOLDS) == Rejection("cost", 3.0, 0.0, "first at step 3")


def test_cost_says_how_much_and_since_when() -> None:
    assert judge_drive(driven(cost_at=2, end=3.0), THRESHOLDS) == Rejection("cost", 3.0, 0.0, "first at step 3")
    assert judge_log(driven(cost_at=0)) == Rejection("contact_on_log", 5.0, 0.0, "first at step 1")


def test_tracking_error_is_the_displacement_at_the_end() -> None:
    assert judge_drive(driven(end=0.75), THRESHOLDS) == Rejection("tracking_error", 0.75, 0.5)
    lost = driven()
    lost.ego_state[-1, 0] = np.nan
    found = judge_drive(lost, THRESHOLDS)
    assert found is not None
    assert found.rule == "tracking_error"
