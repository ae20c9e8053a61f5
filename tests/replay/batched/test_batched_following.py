"""The compiled tracker: the actions of the one that follows one scene, whatever state it is asked in."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from replay_material import described, driver, straight

from gold_data.errors import SceneError
from gold_data.replay import Readings, Tracker, tracker
from gold_data.replay.batched import following
from gold_data.replay.flags import Flag
from gold_data.replay.scene import Scene, make_scene
from gold_data.settings import TrackerSettings

SETTINGS = TrackerSettings()
STOP_AND_GO = np.concatenate([np.full(10, 8.0), np.linspace(8, 0, 25), np.zeros(15), np.linspace(0, 6, 20)])
SCENES = [
    make_scene(straight(heading=2.0), "ego"),
    make_scene(described(driver(np.full(60, 8.0), 0.06, heading=3.0), curvature=0.06), "ego"),
    make_scene(described(driver(STOP_AND_GO, -0.03, heading=-2.0), curvature=-0.03), "ego", start=7),
    make_scene(straight(np.zeros(30)), "ego"),
    make_scene(straight(np.full(3, 9.0)), "ego"),
]


def _table(settings: TrackerSettings) -> following.ReferenceTable:
    return following.stack_references([following.compile_reference(scene, settings) for scene in SCENES])


def _state(scene: Scene, step: int, random: np.random.Generator) -> Readings:
    """Near the record, as a disturbed drive would be, or far from it."""
    frame = min(scene.start + step, len(scene.track.heading) - 1)
    scale = random.choice([0.0, 0.2, 3.0])
    x, y = scene.track.position[frame] + random.normal(0, scale, 2)
    vx, vy = scene.track.velocity[frame] + random.normal(0, scale, 2)
    heading = float(scene.track.heading[frame]) + random.normal(0, scale / 5)
    return Readings(float(x), float(y), 0.0, heading, (float(vx), float(vy)), 0.0, np.zeros(0, np.float32), Flag(0))


@pytest.mark.parametrize("settings", [SETTINGS, TrackerSettings(smoothing=0.0, max_steering_change=1.5, preview=0.4)])
def test_actions_are_those_of_the_tracker(settings: TrackerSettings) -> None:
    random = np.random.default_rng(3)
    table, gains = _table(settings), following.gains_of(settings)
    asked = []
    for number, scene in enumerate(SCENES):
        for _ in range(3):
            expected, memory = Tracker(scene, settings), np.empty(following.MEMORY)
            following.begin_following(memory, table.references[number], table.frames)
            steering = 0.0
            for step in range(scene.frames + 20):
                readings = _state(scene, step, random)
                action = following.follow(
                    memory,
                    table.references[number],
                    table.points,
                    table.frames,
                    gains,
                    step,
                    readings.x,
                    readings.y,
                    readings.heading,
                    *readings.velocity,
                    steering,
                )
                wanted = expected.action(step, readings, steering)
                np.testing.assert_allclose(action, wanted, rtol=1e-12, atol=1e-12)
                asked.append(action)
                steering = float(np.clip(action[0] + random.normal(0, 0.1), -1, 1))
    assert np.ptp(asked, axis=0).min() > 1.25, "the states ask for little"


def test_only_what_is_asked_of_a_reference_is_read() -> None:
    """Alone or among others: what lies before and behind a reference is another's."""
    alone = following.stack_references([following.compile_reference(SCENES[1], SETTINGS)])
    among, actions = _table(SETTINGS), []
    for table, number in ((alone, 0), (among, 1)):
        memory = np.array([0.0, 0.0])
        row = table.references[number]
        following.begin_following(memory, row, table.frames)
        actions.append(
            [
                following.follow(
                    memory,
                    row,
                    table.points,
                    table.frames,
                    following.gains_of(SETTINGS),
                    step,
                    3.0 * step,
                    -2.0,
                    0.1,
                    5.0,
                    1.0,
                    0.0,
                )
                for step in range(70)
            ]
        )
    assert actions[0] == actions[1]


def test_constants_are_those_of_the_tracker() -> None:
    names = ("SUBSTEP", "MASS", "ENGINE_FORCE", "BRAKE_FORCE", "WHEELBASE", "REAR_AXLE", "MAX_STEERING", "STEP")
    for name in names:
        assert getattr(following, name) == getattr(tracker, name), name


def test_a_track_that_is_not_finite_is_refused() -> None:
    position = SCENES[0].track.position.copy()
    position[4, 1] = math.inf
    broken = replace(SCENES[0], track=replace(SCENES[0].track, position=position))
    with pytest.raises(SceneError, match=r"scene synthetic: the track of ego ego has a position"):
        following.compile_reference(broken, SETTINGS)


def test_no_reference_is_refused() -> None:
    with pytest.raises(SceneError, match="at least one scene"):
        following.stack_references([])
