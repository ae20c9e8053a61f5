"""Fresh demonstrations beside converted ones, on real records."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from gold_data import ConvertSettings
from gold_data.gym import Demonstrations, EgoScene, scenes_of
from gold_data.replay import make_scene
from gold_data.replay.batched.demonstrating import TrackedScenes
from gold_data.replay.batched.tracking import track_batched
from gold_data.replay.disturbance import together
from gold_data.trajectories.demonstrations import course_of, draw_disturbance

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))
SETTINGS = ConvertSettings()

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason=f"no real records: {WOMD} is not there")


@pytest.fixture(scope="module")
def scenes() -> list[EgoScene]:
    return list(scenes_of([str(WOMD)], SETTINGS))[::6]


def test_drives_are_those_of_scenes_that_are_cut_for_them(scenes: list[EgoScene]) -> None:
    tracked = TrackedScenes((make_scene(scene.description, scene.ego_id) for scene in scenes), SETTINGS)
    chance = np.random.default_rng(0)
    which = np.repeat(np.arange(len(scenes)), 2)
    drawn = [
        draw_disturbance(chance, course_of(scenes[k].description, scenes[k].ego_id), SETTINGS.demonstrations)
        for k in which.tolist()
    ]
    drives = tracked.drive(which, together(drawn))
    as_long, off = 0, []
    for number, (scene, disturbance) in enumerate(zip(which.tolist(), drawn, strict=True)):
        alone = track_batched(scenes[scene].description, scenes[scene].ego_id, SETTINGS, disturbance)
        first, last = drives.first[number : number + 2].tolist()
        if disturbance.start == 0 and disturbance.offset is None:
            np.testing.assert_array_equal(drives.observations[first:last], alone.observations[:-1])
            np.testing.assert_array_equal(drives.rewards[first:last], alone.rewards)
        as_long += last - first == alone.length
        steps = min(last - first, alone.length)
        off.append(np.abs(drives.observations[first : first + steps] - alone.observations[:steps]) > 1e-2)
    assert as_long >= 0.95 * len(drawn)
    assert np.mean(np.concatenate(off)) < 1e-3


def test_most_drives_are_kept_and_recover(scenes: list[EgoScene]) -> None:
    drawn = Demonstrations(scenes, SETTINGS).draw(100, "real")
    # A conversion would leave out some of these scenes: their record has a contact, or cannot be followed.
    assert len(drawn.scenes) > 60
    assert len(np.unique(drawn.scenes)) > 0.7 * len(scenes)
    assert set(drawn.columns["returns_to_go"][drawn.first[1:] - 1].tolist()) == {5.0}
