"""MetaDrive as its documentation shows, but for the asset download; one engine a scene, since else its bytes differ.

Run by the bench in a process of its own: it answers StockJobs.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from metadrive.engine.base_engine import BaseEngine
from metadrive.envs.scenario_env import ScenarioEnv
from metadrive.policy.env_input_policy import EnvInputPolicy
from metadrive.policy.replay_policy import ReplayEgoCarPolicy

from benchmarks.processes import serve
from benchmarks.stock_job import StockAnswer, StockJob
from gold_data.scenarionet import write_summary, write_unit

SUBSTEPS = 5
"""Of the physics in a step."""


def answer(job: StockJob) -> StockAnswer:
    """Drive one scene; to write its database is not counted, to read it is."""
    with tempfile.TemporaryDirectory() as folder:
        write_unit(Path(folder, "unit"), [job.description])
        write_summary(Path(folder))
        begin = time.process_time()
        env = ScenarioEnv(_configuration(folder, job.follow_record))
        observations = [env.reset(seed=0)[0]]
        before = time.process_time()
        for action in job.actions:
            if job.physics_alone:
                env.agent.before_step(action)
                for _ in range(SUBSTEPS):
                    env.engine.step_physics_world()
            else:
                observations.append(env.step(action)[0])
        stepping = time.process_time() - before
        env.close()
        return StockAnswer(time.process_time() - begin, stepping, np.array(observations))


def _configuration(database: str, follow_record: bool) -> dict[str, object]:
    """What convert's settings say, in MetaDrive's own words."""
    ego = {"use_special_color": True, "spawn_lane_index": None, "vehicle_model": "static_default"}
    return {
        "data_directory": database,
        "num_scenarios": 1,
        "agent_policy": ReplayEgoCarPolicy if follow_record else EnvInputPolicy,
        "agent_configs": {"default_agent": ego | {"max_speed_km_h": 160.0}},
        "filter_overlapping_car": False,
        "store_map": False,
        "store_data": False,
        "log_level": 50,
    }


if __name__ == "__main__":
    BaseEngine.try_pull_asset = staticmethod(lambda: None)
    serve(answer)
