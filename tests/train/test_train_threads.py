"""Numba leaves torch's number of threads alone; in a process of its own, since it changes it only once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# torch fixes its number when it is first asked or put to work; numba then changes it.
CODE = """
import numpy as np, torch
torch.set_num_threads(1)
from test_train_driving_world import CLUSTERS, SCENES, settings_with
from gold_train.environments.driving import DrivingWorld
environments = DrivingWorld(SCENES, settings_with(), CLUSTERS).environments(600)
before = torch.get_num_threads()
environments.reset(seed=0)
environments.step(np.zeros((600, 2), np.float32))
print(before, torch.get_num_threads())
"""


def test_driving_leaves_torch_its_threads() -> None:
    tests = Path(__file__).parents[1]
    places = (tests / "train" / "environments", tests / "replay", tests, tests.parent)
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, places))},
    )
    assert done.stdout.split() == ["1", "1"], done.stderr
