"""ScenarioNet's converter, served: a record's bytes -> description, with summaries, checked. Run by scenarionet.py."""

from __future__ import annotations

import gc
import logging
import sys
import time
from typing import Any

from benchmarks.processes import serve


def load(checkout: str) -> tuple[Any, Any, Any]:
    """ScenarioNet's Scenario message, its converter, and MetaDrive's ScenarioDescription."""
    logging.disable()
    sys.path.insert(0, checkout)
    from metadrive.scenario import ScenarioDescription
    from scenarionet.converter.waymo.utils import convert_waymo_scenario  # type: ignore[import-not-found]
    from scenarionet.converter.waymo.waymo_protos.scenario_pb2 import Scenario  # type: ignore[import-not-found]

    return Scenario, convert_waymo_scenario, ScenarioDescription


def answer(job: tuple[str, bytes]) -> float:
    """CPU seconds of one record; what write_to_directory_single_worker does with it, but for copies and pickling."""
    message, convert, description_class = load(job[0])
    gc.collect()
    gc.freeze()
    begin = time.process_time()
    scenario = message()
    scenario.ParseFromString(job[1])
    scenario.scenario_id += "|"
    description = convert(scenario, "v1.2")
    description_class.update_summaries(description)
    description_class.sanity_check(description.to_dict(), check_self_type=True)
    return time.process_time() - begin


if __name__ == "__main__":
    serve(answer)
