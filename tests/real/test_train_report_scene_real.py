"""Fig. 3 on a real record: one scene driven by two policies in MetaDrive, as results that are reported are."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from gold_data.gym import EgoScene, scenes_of
from gold_data.settings import ConvertSettings
from gold_train.checkpoint import save_policy
from gold_train.environments.driving import DrivingWorld
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.report.scene import Driver, drive_scene
from gold_train.report.scene_picture import draw_two
from gold_train.settings import CloningRun

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason="no WOMD records: set GOLD_WOMD")


@pytest.fixture(scope="module")
def scenes() -> list[EgoScene]:
    return list(islice(scenes_of([str(WOMD / "rebuilt_real_links")], ConvertSettings()), 1))


def untrained(path: Path, world: DrivingWorld, seed: int) -> Driver:
    torch.manual_seed(seed)
    size = world.blocks[-1].stop
    settings = CloningRun.model_validate({"model": {"hidden": (8,)}})
    network = make_network(settings, Normaliser(torch.zeros(size), torch.ones(size), 1e-2, 10.0), size, 2)
    save_policy(path, Policy(network, settings, world.blocks, Lineage("m", "s", "0"), 1, np.zeros(101)))
    return Driver(path.stem, path)


def test_it_is_driven_in_metadrive_and_drawn(scenes: list[EgoScene], tmp_path: Path) -> None:
    batched, metadrive = (DrivingWorld(scenes, ConvertSettings(), ["one"], name) for name in ("batched", "metadrive"))
    drivers = [untrained(tmp_path / f"{seed}.safetensors", batched, seed) for seed in (0, 1)]
    found = drive_scene(metadrive, 0, drivers, "metadrive")
    track = scenes[0].description["tracks"][scenes[0].ego_id]["state"]["position"]
    for path, twin in zip(found, drive_scene(batched, 0, drivers, "batched"), strict=True):
        assert np.hypot(*(path.states[0, :2] - track[0, :2])) < 0.01
        second = slice(0, 11)  # at 0.1 s a step; further on a touched line may end one drive before the other
        np.testing.assert_allclose(path.states[second, :2], twin.states[second, :2], atol=0.02)
        assert len(path.states) > 11
    assert not np.array_equal(found[0].states[:11], found[1].states[:11])
    assert [path.name for path in found] == ["0", "1"]
    assert draw_two(scenes[0], found, "here").startswith(b"\x89PNG")
