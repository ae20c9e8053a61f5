"""The environments on real records: many are what single ones are, and observations lie in their space."""

from __future__ import annotations

import os
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from gold_data.gym import DrivingEnv, DrivingVectorEnv, EgoScene, scenes_of
from gold_data.settings import ConvertSettings, with_changes

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))
SETTINGS = with_changes(ConvertSettings(), {"ends.limit": "1.5", "ego": "moving"})
NUMBER, STEPS = 12, 150

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason="no WOMD records: set GOLD_WOMD")


@pytest.fixture(scope="module", params=["rebuilt_real_links", "training_20s"])
def scenes(request: pytest.FixtureRequest) -> list[EgoScene]:
    return list(islice(scenes_of([str(WOMD / request.param)], SETTINGS), 20))


def test_many_are_what_single_ones_are_and_stay_in_their_space(scenes: list[EgoScene]) -> None:
    assert len({scene.scenario_id for scene in scenes}) < len(scenes)
    ours = DrivingVectorEnv(scenes, NUMBER, SETTINGS)
    single = partial(DrivingEnv, scenes, SETTINGS)
    theirs = SyncVectorEnv([single] * NUMBER, autoreset_mode=AutoresetMode.SAME_STEP)
    np.testing.assert_array_equal(ours.reset(seed=2)[0], theirs.reset(seed=2)[0])
    random, ended, costly = np.random.default_rng(0), 0, 0.0
    for _ in range(STEPS):
        actions = random.normal([0.0, 0.3], [0.1, 0.3], (NUMBER, 2)).clip(-1, 1).astype(np.float32)
        step, expected = ours.step(actions), theirs.step(actions)
        assert step[0] in ours.observation_space
        for values, others in zip(step[:4], expected[:4], strict=True):
            np.testing.assert_array_equal(values, others.astype(values.dtype))
        for name in sorted(expected[4].keys() - {"final_obs", "final_info", "_final_obs", "_final_info"}):
            np.testing.assert_array_equal(step[4][name], expected[4][name], err_msg=name)
        for values, others in zip(step[4].get("final_obs", ()), expected[4].get("final_obs", ()), strict=True):
            np.testing.assert_array_equal(values, others)
        ended += int((step[2] | step[3]).sum())
        costly += step[4]["cost"].sum()
    print(f"{len(scenes)} scenes: {ended} episodes ended, {costly:.0f} steps at a cost")
    assert ended > 0
    assert costly > 0
