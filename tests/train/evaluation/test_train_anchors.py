"""Anchors on records: the record, its tracker, its path at one speed; in both engines."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from evaluation_material import toy
from replay_material import described, driver, on_path, settings_with, straight, track

from gold_data.errors import SettingsError
from gold_data.gym import EgoScene
from gold_data.replay import make_scene
from gold_train.environments.driving import DrivingWorld
from gold_train.evaluation.anchors import LOG, ZERO, AnchorDriver, anchors_of, with_steady_track
from gold_train.evaluation.isolated import drive_isolated
from gold_train.evaluation.metrics import ARRIVAL, TIME_OUT, Metrics, measure
from gold_train.evaluation.trace import Trace

WAITING = np.concatenate(
    [np.full(30, 8.0), np.linspace(8.0, 0.0, 10), np.zeros(30), np.linspace(0.0, 8.0, 10), np.full(30, 8.0)]
)
"""It stops after 28 m, three seconds long, for a car that is 34 m ahead and then gone."""
THERE = np.arange(110) < 68
SCENES = (
    EgoScene(straight(name="free"), "ego"),
    EgoScene(
        straight(WAITING, others={"car": track("VEHICLE", *on_path(np.full(110, 34.0)), valid=THERE)}, name="waiting"),
        "ego",
    ),
    EgoScene(described(driver(np.full(60, 7.0), 0.04), curvature=0.04, name="bend"), "ego"),
)


@cache
def world(engine: str = "batched") -> DrivingWorld:
    return DrivingWorld(SCENES, settings_with(), [scene.scenario_id for scene in SCENES], engine)


def metrics(name: str) -> dict[str, Metrics]:
    traces = anchors_of(world(), "batched")[name].drive(world(), range(3), [np.nan] * 3, 2, lambda step: None)
    return {task.scenario_id: measure(task, trace) for task, trace in zip(world().tasks, traces, strict=True)}


def test_the_record_and_its_tracker_arrive_on_time_without_cost() -> None:
    for name in (LOG, "tracker"):
        found = metrics(name)
        for scenario in ("free", "bend"):
            one = found[scenario]
            assert (one.end, one.success, one.cost, one.contact) == (ARRIVAL, True, 0.0, False), name
            # An expert collects 0.95 m a metre, and 5 for arriving.
            length = next(task.route_length for task in world().tasks if task.scenario_id == scenario)
            assert one.returned == pytest.approx(0.95 * length + 5.0, rel=0.08), name
            assert one.completion > 0.95


def test_at_one_speed_it_does_not_wait() -> None:
    found, tracker = metrics("constant speed"), metrics("tracker")
    assert found["free"].end == ARRIVAL
    assert not tracker["waiting"].contact
    assert (found["waiting"].contact, found["waiting"].at_fault, found["waiting"].contact_with) == (
        True,
        True,
        "vehicle",
    )


def test_who_does_nothing_gets_nowhere_in_a_bend_and_has_no_fault_of_steering() -> None:
    found = metrics(ZERO)
    assert not found["bend"].success
    assert found["bend"].end != ARRIVAL
    assert {one.end for one in found.values()} <= {ARRIVAL, TIME_OUT, "out_of_road"}


def test_a_steady_track_has_the_path_and_the_ends_of_the_record() -> None:
    scene = make_scene(SCENES[1].description, "ego")
    steady = with_steady_track(scene).track
    speed = np.hypot(*np.diff(steady.position, axis=0).T) / 0.1
    assert np.ptp(speed) < 0.02
    assert np.allclose(steady.position[[0, -1]], scene.track.position[[0, -1]])
    assert np.allclose(np.hypot(*steady.velocity.T), speed[0], atol=0.02)
    assert np.abs(steady.position[:, 1]).max() < 1e-3
    assert len(steady.heading) == len(WAITING)


def test_metadrive_s_anchors_are_the_batched_ones_but_for_the_engine() -> None:
    in_metadrive = world("metadrive")
    for name in (LOG, "tracker", "constant speed"):
        (theirs,) = drive_isolated(AnchorDriver(name, "metadrive"), in_metadrive, [2], [np.nan], 1, 120.0)
        assert isinstance(theirs, Trace), name
        ours = AnchorDriver(name, "batched").drive(world(), [2], [np.nan], 1, lambda step: None)[0]
        assert len(ours.rewards) == len(theirs.rewards), name
        assert np.allclose(ours.rewards, theirs.rewards, atol=0.02), name
        assert np.allclose(ours.completion, theirs.completion, atol=1e-3), name
        assert np.allclose(ours.speed, theirs.speed, atol=0.02), name
        assert np.array_equal(ours.flags, theirs.flags), name


def test_a_world_without_records_has_no_record_to_follow() -> None:
    assert list(anchors_of(toy(1), "batched")) == [ZERO]
    assert list(anchors_of(world(), "batched")) == [LOG, "tracker", "constant speed", ZERO]
    with pytest.raises(SettingsError, match="no records to follow"):
        AnchorDriver("tracker", "batched").drive(toy(1), [0], [0.0], 1, lambda step: None)
