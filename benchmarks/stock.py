"""MetaDrive as its documentation shows, but for the asset download; one engine a scene, since else its bytes differ."""

from __future__ import annotations

import json
import pickle
import sys
import tempfile
from pathlib import Path

import numpy as np
from metadrive.engine.base_engine import BaseEngine
from metadrive.envs.scenario_env import ScenarioEnv
from metadrive.policy.env_input_policy import EnvInputPolicy
from tree import measured

from gold_data.scenarionet import write_summary, write_unit

BaseEngine.try_pull_asset = staticmethod(lambda: None)


def configuration(database: Path, index: int) -> dict[str, object]:
    """What convert's settings say, in MetaDrive's own words."""
    ego = {"use_special_color": True, "spawn_lane_index": None, "vehicle_model": "static_default"}
    return {
        "data_directory": str(database),
        "start_scenario_index": index,
        "num_scenarios": 1,
        "agent_policy": EnvInputPolicy,
        "agent_configs": {"default_agent": ego | {"max_speed_km_h": 160.0}},
        "filter_overlapping_car": False,
        "store_map": False,
        "store_data": False,
        "log_level": 50,
    }


if __name__ == "__main__":
    jobs = [pickle.loads(path.read_bytes()) for path in sorted(Path(sys.argv[1]).glob("*.job"))]
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder)
        write_unit(database / "unit", (description for description, *_ in jobs))
        write_summary(database)
        order = {name: index for index, name in enumerate(sorted(path.name for path in database.glob("*/sd_*.pkl")))}
        equal = 0
        with measured() as row:
            for description, _, actions, seen in jobs:
                index = order[f"sd_waymo_v1.2_{description['id']}.pkl"]
                env = ScenarioEnv(configuration(database, index))
                observations = [env.reset(seed=index)[0]]
                observations += [env.step(action.astype(float))[0] for action in actions]
                env.close()
                equal += np.array(observations).tobytes() == seen.tobytes()
    print(json.dumps(row | {"equal": equal}))
