"""The batched engine beside MetaDrive on real records, both driven by the tracker's actions in MetaDrive."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from gold_data.replay import Drive, slices, track_record
from gold_data.replay.batched.engine import Batched
from gold_data.replay.metadrive import MetaDrive
from gold_data.settings import ConvertSettings
from gold_data.sources import Outlined, find_sources, outlines, read_description

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))
SETTINGS = ConvertSettings()
KINDS = {"rebuilt_real_links": 12, "inferred_links": 14, "training_20s": 7}
"""Every how many-th record of a kind is driven."""

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason="no WOMD records: set GOLD_WOMD")


@pytest.mark.parametrize("kind", KINDS)
def test_both_engines_see_and_say_the_same(kind: str) -> None:
    places = [
        (source, found)
        for source in find_sources([str(WOMD / kind)])
        for found in outlines(source)
        if isinstance(found, Outlined)
    ]
    apart, off, rewards, flags = [], [], [], []
    for source, found in places[:: KINDS[kind]]:
        description = read_description(source, found.offset, found.crc)
        ego = description["metadata"]["sdc_id"]
        with closing(Drive(MetaDrive(SETTINGS.simulator), SETTINGS)) as drive:
            reference = track_record(drive, description, ego, SETTINGS.tracker, lambda step: None)
        own = Drive(Batched(SETTINGS.simulator), SETTINGS)
        taken = [own.reset(description, ego), *(own.step(action) for action in reference.actions)]
        states = np.array([own.ego_state(outcome.readings) for outcome in taken])
        apart.append(np.hypot(*(states - reference.ego_state)[:, :2].T))
        off.append(np.abs(np.array([outcome.observation for outcome in taken]) - reference.observations))
        rewards.append(np.abs(np.array([outcome.reward for outcome in taken[1:]]) - reference.rewards))
        flags.append(np.array([int(outcome.flags) for outcome in taken[1:]]) != reference.flags)
        assert taken[-1].arrived == reference.arrived
    assert len(apart) >= 2
    assert np.median(np.concatenate(apart)) < 1e-3
    assert np.quantile(np.concatenate(apart), 0.95) < 0.01
    assert np.mean(np.concatenate(rewards) > 1e-3) <= 1e-3
    assert np.mean(np.concatenate(flags)) <= 1e-3
    numbers = np.concatenate(off)
    for block, place in slices(own.blocks).items():
        assert np.mean(numbers[:, place] > 1e-2) <= 0.005, block
