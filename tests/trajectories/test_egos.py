from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from gold_data.settings import ConvertSettings, MovingSettings
from gold_data.sources import Outline
from gold_data.trajectories.egos import candidates
from gold_data.womd.messages import STATE

STEPS = 91
LANE = np.column_stack([np.arange(-50.0, 300.0), np.zeros(350), np.zeros(350)])


def car(
    speed: float = 8.0, *, turn: float = 0.0, length: float = 4.6, there: slice = slice(None), jump: float = 0.0
) -> NDArray[np.void]:
    """States of a car at constant speed (m/s) that turns by `turn` (rad) in all, and jumps (m) halfway."""
    states = np.zeros(STEPS, STATE)
    heading = np.linspace(0.0, turn, STEPS)
    states["velocity_x"], states["velocity_y"] = speed * np.cos(heading), speed * np.sin(heading)
    states["center_x"] = np.cumsum(states["velocity_x"]) * 0.1
    states["center_y"] = np.cumsum(states["velocity_y"]) * 0.1
    states["center_x"][STEPS // 2 :] += jump
    states["heading"], states["length"], states["width"] = heading, length, 1.9
    states["valid"][there] = True
    return states


def outline(
    *tracks: NDArray[np.void], sdc: int | None = 0, kinds: Sequence[str] | None = None, scenario: str = "aa"
) -> Outline:
    return Outline(
        scenario_id=scenario,
        ids=tuple(str(10 + row) for row in range(len(tracks))),
        kinds=tuple(kinds or ["VEHICLE"] * len(tracks)),
        sdc=sdc,
        states=np.array(tracks) if tracks else np.zeros((0, STEPS), STATE),
        lane_ids=("1",),
        lane_points=LANE,
        lane_start=np.array([0, len(LANE)]),
    )


def asked(ego: Literal["sdc", "moving", "all"], **moving: float) -> ConvertSettings:
    return ConvertSettings(ego=ego, moving=MovingSettings.model_validate(moving))


def ids(found: Outline, settings: ConvertSettings) -> list[str]:
    return [ego.ego_id for ego in candidates(found, settings).egos]


def test_the_records_own_car_is_the_only_one_unless_others_are_asked_for() -> None:
    scene = outline(car(), car(), sdc=1)
    assert ids(scene, asked("sdc")) == ["11"]
    assert ids(scene, asked("moving")) == ids(scene, asked("all")) == ["11", "10"]


def test_a_record_without_a_car_of_its_own_may_have_others() -> None:
    scene = outline(car(), sdc=None)
    assert ids(scene, asked("sdc")) == []
    assert ids(scene, asked("moving")) == ["10"]
    assert candidates(outline(sdc=None), asked("all")).egos == ()


@pytest.mark.parametrize("kind", ["PEDESTRIAN", "CYCLIST", "OTHER"])
def test_only_vehicles_are_driven(kind: str) -> None:
    scene = outline(car(), car(), kinds=["VEHICLE", kind])
    assert ids(scene, asked("all")) == ["10"]


@pytest.mark.parametrize(("steps", "driven"), [(59, []), (60, ["11"])])
def test_another_vehicle_needs_an_unbroken_run(steps: int, driven: list[str]) -> None:
    scene = outline(car(), car(there=slice(20, 20 + steps)))
    assert ids(scene, asked("all"))[1:] == driven
    if driven:
        (other,) = candidates(scene, asked("all")).egos[1:]
        assert (other.first, other.last, other.rejection) == (20, 80, None)


@pytest.mark.parametrize(
    "still",
    [
        car(1.0),  # 9 m
        car(there=slice(0, 60), speed=1.6),  # 9.4 m while it is there
        car(36.0),
        car(5.0, jump=3.0),  # a step of 3.5 m
        car(length=7.1),
    ],
)
def test_moving_leaves_out_what_all_considers(still: NDArray[np.void]) -> None:
    scene = outline(car(), still)
    assert ids(scene, asked("moving")) == ["10"]
    assert ids(scene, asked("all")) == ["10", "11"]
    assert candidates(scene, asked("moving")).passed_over == 0


def test_what_all_considers_is_judged_by_the_same_rules() -> None:
    parked, jumping = candidates(outline(car(), car(0.1), car(5.0, jump=3.0)), asked("all")).egos[1:]
    assert parked.rejection is not None
    assert parked.rejection.rule == "parked"
    assert jumping.rejection is not None
    assert jumping.rejection.rule == "pose_jump"


def test_those_that_turn_come_first_and_the_rest_by_hash() -> None:
    scene = outline(car(), *[car()] * 6, car(turn=0.6), car(turn=-0.6), car(turn=0.4))
    order = ids(scene, asked("moving", most=20))[1:]
    assert set(order[:2]) == {"17", "18"}
    assert order[2:] != sorted(order[2:])
    elsewhere = ids(outline(car(), *[car()] * 6, scenario="bb"), asked("moving", most=20))[1:]
    assert elsewhere != [name for name in order if name in elsewhere]


def test_those_beyond_the_limit_are_counted_and_the_first_stay_the_same() -> None:
    scene = outline(car(), *[car()] * 11)
    everyone = candidates(scene, asked("moving", most=20))
    some = candidates(scene, asked("moving"))
    assert (len(everyone.egos), everyone.passed_over) == (12, 0)
    assert (len(some.egos), some.passed_over) == (9, 3)
    assert some.egos == everyone.egos[:9]
    assert candidates(scene, asked("all")).passed_over == 0


def test_a_turn_across_the_cut_of_the_angle_is_no_turn() -> None:
    across = car()
    across["heading"] = math.pi - 0.01
    across["heading"][::2] = -math.pi + 0.01
    # Its velocity is turned with it, so that it drives backwards along x.
    across["velocity_x"] *= -1
    across["center_x"] = across["center_x"][::-1].copy()
    scene = outline(car(), *[car()] * 8, across, car(turn=0.6))
    order = ids(scene, asked("moving", most=1))
    assert order == ["10", "20"]


def test_a_state_that_is_no_number_ends_the_run() -> None:
    broken = car()
    broken["velocity_y"][70] = np.nan
    (_, other) = candidates(outline(car(), broken), asked("all")).egos
    assert (other.first, other.last) == (0, 70)
