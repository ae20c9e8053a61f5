"""What the pipeline costs over the simulator: three ways to drive the same scenes with the same actions, in one run.

    stock    MetaDrive as its documentation shows: ScenarioEnv on a database, reset, step, close, one engine a scene
    bare     the same under isolation and the neutral replacements; observations are read and thrown away
    convert  `gold-data convert`, from TFRecords to a finished dataset, without its start

Each scene is driven all three ways before the next one, since machines are noisy over minutes. CPU seconds are those of
all processes; what stock sees is compared with the dataset's bytes. Run by `make bench`:

    benchmarks/simulate.py [SOURCE ...] [--scenes N]

SOURCE defaults to WOMD's records in ../shared/womd or $GOLD_WOMD, or to synthetic ones where these are not there.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from bare import drive
from processes import Served, cpu_seconds

from gold_data import ConvertSettings, convert, open_dataset
from gold_data.conversion.finish import finish
from gold_data.conversion.index import index_source
from gold_data.conversion.plan import make_plan
from gold_data.conversion.run import runner
from gold_data.conversion.unit import ROWS, Task, convert_unit
from gold_data.replay import Isolated
from gold_data.scenarionet import load
from gold_data.sources import find_sources
from gold_data.synth import synthesize

HERE = Path(__file__).parent
WOMD = Path(os.environ.get("GOLD_WOMD", HERE.parents[1] / "shared" / "womd"))
KINDS = ("training", "rebuilt_real_links", "inferred_links")


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("sources", nargs="*")
    arguments.add_argument("--scenes", type=int, default=48)
    given = arguments.parse_args()
    split = {"train": given.scenes, "validation": 0, "test": 0}
    settings = ConvertSettings.model_validate({"split": split, "unit": given.scenes})
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        sources = given.sources or _default_sources(work)
        convert(sources, work / "scenes", settings.model_copy(update={"scenarios": True}))
        measure(sources, work, settings)


def measure(sources: list[str], work: Path, settings: ConvertSettings) -> None:
    """Convert the sources once more, and drive each scene the two other ways as soon as it is done."""
    jobs = _jobs(work / "scenes")
    spent = {"bare": [], "stock": []}
    equal = 0
    with Isolated(drive, lives=10**6) as bare, Served(HERE / "stock.py") as stock:
        first = next(jobs)
        bare(first[:3])
        stock.ask(first)  # both have started now

        def drive_otherwise(rule: str) -> None:
            nonlocal equal
            if rule != "kept":
                return
            job = upcoming.pop(0)
            before = cpu_seconds(apart=stock.pid)
            bare(job[:3])
            spent["bare"].append(cpu_seconds(apart=stock.pid) - before)
            seconds, same = stock.ask(job)
            spent["stock"].append(seconds)
            equal += same

        upcoming = [first, *jobs]
        begin = cpu_seconds(apart=stock.pid)
        with runner(workers=0, scheduler=None):
            _convert(sources, work / "dataset", settings, drive_otherwise)
        whole = cpu_seconds(apart=stock.pid) - begin - sum(spent["bare"])
    scenes = len(spent["bare"])
    seconds = {"stock": sum(spent["stock"]), "bare": sum(spent["bare"]), "convert": whole}
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {scenes} scenes")
    for name, total in seconds.items():
        print(f"  {name:8} {total / scenes:6.3f} CPU seconds a scene")
    print(f"  convert / bare   {seconds['convert'] / seconds['bare']:.3f}  (goal: at most 1.10)")
    print(f"  stock / convert  {seconds['stock'] / seconds['convert']:.3f}  (goal: at least 1.40)")
    print(f"  equal bytes in {equal} of {scenes} scenes")


def _convert(sources: list[str], out: Path, settings: ConvertSettings, on_scenario: Any) -> None:
    """`gold_data.convert` in this process, with a word after each scenario."""
    found = find_sources(sources)
    plan = make_plan([index_source(source, settings) for source in found], settings)
    for folder in ("shards", ROWS):
        (out / folder).mkdir(parents=True)
    by_name = {source.name: source for source in found}
    rows = [convert_unit(Task(unit, by_name, settings, out, 300.0), on_scenario) for unit in plan.units]
    finish(out, plan, rows, settings)


def _default_sources(work: Path) -> list[str]:
    if WOMD.is_dir():
        return [str(WOMD / kind) for kind in KINDS]
    synthesize(work / "records", 60, 0)
    return [str(work / "records")]


def _jobs(dataset: Path) -> Iterator[tuple[Any, ...]]:
    """Each episode's description, ego, actions, and what the dataset says was seen, in the unit's order."""
    database = {path.stem.rsplit("_", 1)[1]: path for path in (dataset / "scenarios").glob("*/sd_*.pkl")}
    for episode in open_dataset(dataset).episodes("train"):
        seen = np.ascontiguousarray(episode["observations"][:, :161])
        yield load(database[episode["scenario_id"]]), episode["ego_id"], episode["actions"], seen


if __name__ == "__main__":
    main()
