"""MetaDrive as its documentation shows, but for the asset download; one engine a scene, since else its bytes differ."""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from metadrive.engine.base_engine import BaseEngine
from metadrive.envs.scenario_env import ScenarioEnv
from metadrive.policy.env_input_policy import EnvInputPolicy

from gold_data.scenarionet import write_summary, write_unit

BaseEngine.try_pull_asset = staticmethod(lambda: None)


def configuration(database: Path) -> dict[str, object]:
    """What convert's settings say, in MetaDrive's own words."""
    ego = {"use_special_color": True, "spawn_lane_index": None, "vehicle_model": "static_default"}
    return {
        "data_directory": str(database),
        "num_scenarios": 1,
        "agent_policy": EnvInputPolicy,
        "agent_configs": {"default_agent": ego | {"max_speed_km_h": 160.0}},
        "filter_overlapping_car": False,
        "store_map": False,
        "store_data": False,
        "log_level": 50,
    }


def answer(job: tuple[Any, ...]) -> tuple[float, bool]:
    """CPU seconds of driving one scene, and whether what was seen is what the dataset says."""
    description, _, actions, seen = job
    with tempfile.TemporaryDirectory() as folder:
        write_unit(Path(folder, "unit"), [description])
        write_summary(Path(folder))
        begin = time.process_time()
        env = ScenarioEnv(configuration(Path(folder)))
        observations = [env.reset(seed=0)[0]]
        observations += [env.step(action.astype(float))[0] for action in actions]
        env.close()
        return time.process_time() - begin, np.array(observations).tobytes() == seen.tobytes()


if __name__ == "__main__":
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr
    while True:
        try:
            received = pickle.load(sys.stdin.buffer)
        except EOFError:
            break
        pickle.dump(answer(received), replies)
        replies.flush()
