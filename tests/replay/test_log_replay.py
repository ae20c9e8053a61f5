"""MetaDrive's log replay of made-up records: it shows them, and each reason why it does not show all is true."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from contextlib import closing

import numpy as np
import pytest
from numpy.typing import NDArray
from replay_material import STRAIGHT, described, driver, on_path, standing, straight, track

import gold_data.replay.preload  # noqa: F401  (what it freezes makes closing an engine seven times faster)
from gold_data.errors import SceneError
from gold_data.replay import Description, make_scene
from gold_data.replay.fidelity import (
    MAX_HEADING_ERROR,
    MAX_POSITION_ERROR,
    MIN_STATIC_STEPS,
    Breach,
    Exempt,
    Fault,
    Fidelity,
    Reason,
    compare,
)
from gold_data.replay.log_replay import ReplayJob, check_replay, recorded, replay_poses, rounding
from gold_data.replay.metadrive import MetaDrive
from gold_data.settings import SimulatorSettings

FRAMES = 30
SPEEDS = STRAIGHT[:FRAMES]


def _checked(
    description: Description, ego: str = "ego", on_step: Callable[[int], None] = lambda step: None
) -> Fidelity:
    return check_replay(ReplayJob(description, ego, SimulatorSettings()), on_step)


def _valid(*stretches: tuple[int, int]) -> NDArray[np.bool_]:
    valid = np.zeros(FRAMES, bool)
    for first, last in stretches:
        valid[first:last] = True
    return valid


def _there(kind: str, valid: NDArray[np.bool_], ahead: float = 30.0, left: float = 6.0, **motion: float) -> Description:
    """Someone who moves along the road at `speed` (m/s) and turns by `turn` (rad a step), where `valid`."""
    arc = np.asarray(ahead + motion.get("speed", 0.0) * 0.1 * np.arange(FRAMES), np.float64)
    positions, headings = on_path(arc, left=left)
    return track(kind, positions, headings + motion.get("turn", 0.0) * np.arange(FRAMES), valid=valid)


def test_everyone_is_shown_from_the_first_valid_step_to_the_last(recwarn: pytest.WarningsRecorder) -> None:
    others = {
        "whole": _there("VEHICLE", _valid((0, FRAMES)), speed=7.0),
        "late": _there("VEHICLE", _valid((11, FRAMES)), ahead=50.0),
        "first step only": _there("PEDESTRIAN", _valid((0, 1)), left=9.0),
        "last step only": _there("CYCLIST", _valid((FRAMES - 1, FRAMES)), left=-6.0),
        "comes and goes": _there("PEDESTRIAN", _valid((2, 5), (6, 7), (20, 25)), left=12.0, speed=1.5),
        "never": _there("VEHICLE", _valid()),
        "turns": _there("CYCLIST", _valid((0, FRAMES)), left=-9.0, turn=0.6),  # to 17 rad, as real records have
    }
    description = straight(SPEEDS, others)
    steps: list[int] = []
    fidelity = _checked(description, on_step=steps.append)
    assert (fidelity.breaches, fidelity.exempt) == ((), ())
    assert fidelity.objects == 7
    assert fidelity.steps == sum(int(track["state"]["valid"].sum()) for track in description["tracks"].values())
    assert fidelity.position_error < MAX_POSITION_ERROR / 20
    assert fidelity.heading_error < MAX_HEADING_ERROR / 20
    assert steps == list(range(1, FRAMES))
    assert [str(one.message) for one in recwarn] == []  # numpy's, of who is never valid


def test_any_of_them_may_be_the_ego() -> None:
    description = described(driver(SPEEDS, 0.02), {"car": driver(SPEEDS, 0.02, left=4.0)}, curvature=0.02)
    for ego in ("ego", "car"):
        fidelity = _checked(description, ego)
        assert (fidelity.objects, fidelity.steps, fidelity.breaches) == (2, 2 * FRAMES, ())


@pytest.mark.parametrize("east", [0.0, 20_000.0])
def test_the_limit_holds_wherever_the_record_lies(east: float) -> None:
    """MetaDrive moves the record in float32, which resolves 2 mm at 20 km; what is moved is then small, and exact."""
    description = copy.deepcopy(straight(SPEEDS, {"car": _there("VEHICLE", _valid((0, FRAMES)), speed=7.0)}))
    for one in description["tracks"].values():
        one["state"]["position"][:, 0] += east
    fidelity = _checked(description)
    assert (fidelity.steps, fidelity.breaches) == (2 * FRAMES, ())
    assert fidelity.position_error < 1e-4


def test_a_replay_of_something_else_is_found() -> None:
    others = {"car": _there("VEHICLE", _valid((0, 20)), speed=7.0), "walker": standing("PEDESTRIAN", 20, -6, FRAMES)}
    description = straight(SPEEDS, others)
    shown = replay_poses(ReplayJob(description, "ego", SimulatorSettings()), lambda step: None)

    def held_against(change: Callable[[dict[str, Description]], None]) -> tuple[Breach, ...]:
        another = copy.deepcopy(description)
        change(another["tracks"])
        return compare(recorded(another, "ego"), shown).breaches

    def moved(tracks: dict[str, Description]) -> None:
        tracks["walker"]["state"]["position"][7:9, 1] += 0.003

    def turned(tracks: dict[str, Description]) -> None:
        tracks["ego"]["state"]["heading"][12] += 0.0002

    def longer(tracks: dict[str, Description]) -> None:
        tracks["car"]["state"]["valid"][20:22] = True

    def shorter(tracks: dict[str, Description]) -> None:
        tracks["car"]["state"]["valid"][19] = False

    def another_name(tracks: dict[str, Description]) -> None:
        del tracks["walker"]

    assert held_against(lambda tracks: None) == ()
    found = {
        change: [(b.object, b.fault, b.step, b.steps) for b in held_against(change)]
        for change in (moved, turned, longer, shorter, another_name)
    }
    assert found == {
        moved: [("walker", Fault.DEVIATES, 7, 2)],
        turned: [("ego", Fault.DEVIATES, 12, 1)],
        longer: [("car", Fault.MISSING, 20, 2)],
        shorter: [("car", Fault.UNEXPECTED, 19, 1)],
        another_name: [("walker", Fault.UNEXPECTED, 0, FRAMES)],
    }


def test_other_types_are_not_spawned() -> None:
    others = {"odd": _there("OTHER", _valid((0, FRAMES))), "odder": _there("TRAFFIC_OBJECT", _valid((3, 9)), left=9.0)}
    fidelity = _checked(straight(SPEEDS, others))
    assert fidelity.breaches == ()
    assert fidelity.exempt == (Exempt("odd", Reason.TYPE, FRAMES), Exempt("odder", Reason.TYPE, 6))
    assert fidelity.steps == FRAMES


@pytest.mark.parametrize("kind", ["TRAFFIC_CONE", "TRAFFIC_BARRIER"])
def test_few_steps_make_a_cone_noise(kind: str) -> None:
    others = {
        "few": _there(kind, _valid((0, MIN_STATIC_STEPS - 1))),
        "enough": _there(kind, _valid((0, MIN_STATIC_STEPS)), left=9.0),
    }
    fidelity = _checked(straight(SPEEDS, others))
    assert fidelity.breaches == ()
    assert fidelity.exempt == (
        Exempt("few", Reason.NOISE, MIN_STATIC_STEPS - 1),
        Exempt("enough", Reason.STATIC, FRAMES - MIN_STATIC_STEPS),
    )
    assert fidelity.steps == FRAMES + MIN_STATIC_STEPS


def test_a_cone_stays_where_it_was_first_seen() -> None:
    valid = _valid((4, FRAMES))
    fidelity = _checked(straight(SPEEDS, {"cone": _there("TRAFFIC_CONE", valid, speed=0.5)}))  # drifts 5 cm a step
    assert fidelity.breaches == ()
    assert fidelity.exempt == (Exempt("cone", Reason.STATIC, FRAMES - 5),)
    assert fidelity.steps == FRAMES + 1


def test_an_ego_rolls_on_through_a_gap() -> None:
    description = straight(SPEEDS)
    state = description["tracks"]["ego"]["state"]
    state["valid"][10:15] = False
    state["position"][10:15] = 0.0
    fidelity = _checked(description)
    assert fidelity.breaches == ()
    assert fidelity.exempt == (Exempt("ego", Reason.EGO_STAYS, 5),)
    assert fidelity.steps == FRAMES - 5


def test_what_is_not_compared_is_not_shown() -> None:
    """The record lies 12.5 m high, and its lorry is 12 m long."""
    description = straight(SPEEDS, {"lorry": _there("VEHICLE", _valid((0, FRAMES)))})
    description["tracks"]["lorry"]["state"]["length"][:] = 12.0
    scene = make_scene(description, "ego")
    with closing(MetaDrive(SimulatorSettings(), follow_record=True)) as engine:
        readings = [engine.reset(scene)]
        readings += [engine.step(np.zeros(2)) for _ in range(FRAMES - 1)]
        environment = engine._env
        assert environment is not None
        (lorry,) = environment.engine.traffic_manager.spawned_objects.values()
        height, length = float(lorry.origin.getPos()[2]), float(lorry.LENGTH)
    assert set(description["tracks"]["lorry"]["state"]["position"][:, 2]) == {12.5}
    assert max(abs(one.height) for one in readings) < 2.0
    assert abs(height) < 2.0
    assert length == 5.74


def test_an_ego_that_is_not_there() -> None:
    with pytest.raises(SceneError, match="there is no track nobody"):
        _checked(straight(SPEEDS), "nobody")


def test_headings_are_compared_as_directions() -> None:
    description = straight(SPEEDS, heading=math.pi - 0.001)
    description["tracks"]["ego"]["state"]["heading"] += np.float32(2 * math.pi)
    fidelity = _checked(description)
    assert fidelity.breaches == ()
    assert fidelity.heading_error < MAX_HEADING_ERROR / 20


@pytest.mark.parametrize(("far", "off"), [(6_000.0, 2.0**-12), (10_000.0, 2.0**-11), (40_000.0, 2.0**-9)])
def test_what_float32_resolves(far: float, off: float) -> None:
    description = straight(SPEEDS)
    state = description["tracks"]["ego"]["state"]
    state["position"][:, :2] = (100.0, -far)
    state["position"][4] = (1e9, 1e9, 1e9)
    state["valid"][4] = False
    assert rounding(description) == off
    exact = np.random.default_rng(0).uniform(-far, far, 10_000)
    assert off / 2 < np.abs(exact.astype(np.float32) - exact).max() <= off
    state["position"][5, 0] = np.nan
    assert rounding(description) == np.inf
