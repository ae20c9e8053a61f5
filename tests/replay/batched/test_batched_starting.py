"""Where episodes begin and when they are cut off, and the recorded poses that this is made of."""

from __future__ import annotations

import numpy as np
import pytest
from replay_material import STRAIGHT, described, driver, straight

from gold_data.errors import SceneError
from gold_data.replay.batched.environment import start_of
from gold_data.replay.batched.recorded_poses import RecordedPoses, is_whole
from gold_data.replay.batched.starting import Starts, compile_start
from gold_data.replay.scene import StartOffset, make_scene
from gold_data.replay.variation import Variation
from gold_data.settings import EndSettings

BEND = described(driver(np.linspace(4.0, 9.0, 40), -0.05), curvature=-0.05, name="bend")
SCENES = [make_scene(straight(STRAIGHT, name="line"), "ego"), make_scene(BEND, "ego")]
OFFSET = StartOffset(forward=0.3, left=-0.6, heading=0.1, speed=1.5)


@pytest.mark.parametrize("frame", [0, 7, 38])
def test_a_start_off_the_record_is_that_of_a_scene_made_so(frame: int) -> None:
    poses = RecordedPoses([scene.log for scene in SCENES])
    assert poses.frames.tolist() == [60, 40]
    offset = np.array([[OFFSET.forward, OFFSET.left, OFFSET.heading, OFFSET.speed]] * 2)
    found = poses.at(np.array([1, 1]), np.array([frame, frame]), np.array([True, False]), offset)
    for row, put_off in zip(found, (OFFSET, None), strict=True):
        made = make_scene(BEND, "ego", frame, put_off)
        due = np.array(start_of(made))
        due[:2] += made.origin - SCENES[1].origin
        np.testing.assert_allclose(row, due, atol=2e-3)


def test_episodes_begin_as_recorded_unless_they_are_varied() -> None:
    starts = Starts([compile_start(scene) for scene in SCENES], EndSettings(limit=1.5))
    begun = starts.of(np.array([1, 0, 1]), [None, Variation(20, OFFSET, -10, 0.5), Variation()])
    assert begun.varied.tolist() == [False, True, True]
    assert begun.frames.tolist() == [0, 20, 0]
    assert begun.traffic.tolist() == [0, -10, 0]
    # 40 frames are left of 60, of which half the time is 1 + 39 / 2: to arrive 19 or 20 earlier.
    assert begun.slack.tolist() == [0, 20 + 21 - 60, 0]
    assert begun.limits.tolist() == [60, 20 + 32, 60]
    np.testing.assert_array_equal(begun.poses[0], start_of(SCENES[1]))
    np.testing.assert_array_equal(begun.poses[2], begun.poses[0])
    plain = starts.of(np.array([1, 0]))
    assert not plain.varied.any()
    assert plain.limits.tolist() == [60, 90]


def test_a_scene_inside_its_record_is_not_varied() -> None:
    inside = make_scene(BEND, "ego", 5)
    assert is_whole(SCENES[1])
    assert not is_whole(inside)
    assert not is_whole(make_scene(BEND, "ego", 0, OFFSET))
    starts = Starts([compile_start(inside)], EndSettings())
    assert starts.of(np.array([0])).limits.tolist() == [35]
    with pytest.raises(SceneError, match="a whole record alone"):
        starts.of(np.array([0]), [Variation()])
    with pytest.raises(SceneError, match="no scene to begin in"):
        Starts([], EndSettings())
