"""Real records as a world: what is told of an episode is the same in both engines."""

from __future__ import annotations

import os
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gold_data.gym import EgoScene, scenes_of
from gold_data.replay import Drive, Tracker
from gold_data.settings import ConvertSettings
from gold_train.environments.driving import DrivingWorld
from gold_train.environments.world import World

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))
SETTINGS = ConvertSettings()

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason="no WOMD records: set GOLD_WOMD")


@pytest.fixture(scope="module")
def scenes() -> list[EgoScene]:
    return list(islice(scenes_of([str(WOMD / "rebuilt_real_links")], SETTINGS), 3))


def tracked(scene: EgoScene, settings: ConvertSettings) -> NDArray[np.float32]:
    """What the tracker does in MetaDrive."""
    from gold_data.replay import MetaDrive

    actions = []
    with closing(Drive(MetaDrive(settings.simulator), settings)) as drive:
        last = drive.reset(scene.description, scene.ego_id)
        tracker = Tracker(drive.scene, settings.tracker)
        while not (last.terminated or last.truncated):
            last = drive.step(tracker.action(drive.steps, last.readings, float(last.action[0])))
            actions.append(last.action)
    return np.array(actions, np.float32)


def told(world: World, actions: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    rows: dict[str, list[Any]] = {name: [] for name in ("completion", "speed", "cost", "flags", "arrived")}
    with closing(world.environments(1)) as env:
        env.reset(options={"scene": np.zeros(1, np.int64), "reset_mask": np.ones(1, bool)})
        for action in actions:
            infos = env.step(action[None])[-1]
            for name, values in rows.items():
                values.append(infos.get("final_info", infos)[name][0])
        assert "final_info" in infos
    return {name: np.array(values) for name, values in rows.items()}


def test_both_engines_tell_the_same_of_the_trackers_drive(scenes: list[EgoScene]) -> None:
    worlds = [DrivingWorld(scenes, SETTINGS, [str(k) for k in range(3)], engine) for engine in ("batched", "metadrive")]
    assert worlds[0].tasks == worlds[1].tasks
    for number, scene in enumerate(scenes):
        actions = tracked(scene, worlds[0].settings)
        ours, theirs = (told(world.alone(number), actions) for world in worlds)
        assert theirs["arrived"][-1]
        for name in ("completion", "speed"):
            np.testing.assert_allclose(ours[name], theirs[name], atol=2e-2, err_msg=name)
        for name in ("cost", "arrived"):
            np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
