"""What the pipeline costs over the simulator: three ways to drive the same scenes with the same actions, in one run.

    stock    MetaDrive as its documentation shows: ScenarioEnv on a database, reset, step, close, one engine a scene
    bare     the same under isolation and the neutral replacements; observations are read and thrown away
    convert  the whole of `gold-data convert`, from TFRecords to a finished dataset

CPU seconds are those of all processes; what stock sees is compared with the dataset's bytes. Run by `make bench`:

    benchmarks/simulate.py [SOURCE ...] [--scenes N] [--rounds N]

SOURCE defaults to WOMD's records in ../shared/womd or $GOLD_WOMD, or to synthetic ones where these are not there.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from tree import measured

from gold_data import ConvertSettings, convert, open_dataset
from gold_data.scenarionet import load
from gold_data.synth import synthesize

HERE = Path(__file__).parent
WOMD = Path(os.environ.get("GOLD_WOMD", HERE.parents[1] / "shared" / "womd"))
KINDS = ("training", "rebuilt_real_links", "inferred_links")


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("sources", nargs="*")
    arguments.add_argument("--scenes", type=int, default=40)
    arguments.add_argument("--rounds", type=int, default=2)
    given = arguments.parse_args()
    split = {"train": given.scenes, "validation": 0, "test": 0}
    settings = ConvertSettings.model_validate({"split": split})
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        sources = given.sources or _default_sources(work)
        convert(sources, work / "scenes", settings.model_copy(update={"scenarios": True}))
        scenes = _write_jobs(work / "scenes", work)
        for number in range(given.rounds):
            with measured() as whole:
                convert(sources, work / f"dataset-{number}", settings, workers=0)
            bare, stock = (_run(script, work) for script in ("bare", "stock"))
            print(f"round {number + 1}, {scenes} scenes, CPU seconds a scene (wall):")
            for name, row in (("stock", stock), ("bare", bare), ("convert", whole)):
                print(f"  {name:8} {row['cpu'] / scenes:6.3f} ({row['wall'] / scenes:6.3f})")
            print(f"  convert / bare   {whole['cpu'] / bare['cpu']:.3f}  (goal: at most 1.10)")
            print(f"  stock / convert  {stock['cpu'] / whole['cpu']:.3f}  (goal: at least 1.40)")
            print(f"  equal bytes in {stock['equal']:.0f} of {scenes} scenes")


def _default_sources(work: Path) -> list[str]:
    if WOMD.is_dir():
        return [str(WOMD / kind) for kind in KINDS]
    synthesize(work / "records", 48, 0)
    return [str(work / "records")]


def _write_jobs(dataset: Path, work: Path) -> int:
    """Each episode's description, ego, actions, and what the dataset says was seen; the number of them."""
    database = {path.stem.rsplit("_", 1)[1]: path for path in (dataset / "scenarios").glob("*/sd_*.pkl")}
    number = 0
    for number, episode in enumerate(open_dataset(dataset).episodes("train"), start=1):
        seen = np.ascontiguousarray(episode["observations"][:, :161])
        job = (load(database[episode["scenario_id"]]), episode["ego_id"], episode["actions"], seen)
        (work / f"{number:04d}.job").write_bytes(pickle.dumps(job))
    return number


def _run(script: str, work: Path) -> dict[str, float]:
    done = subprocess.run([sys.executable, HERE / f"{script}.py", work], check=True, stdout=subprocess.PIPE)
    row: dict[str, float] = json.loads(done.stdout)
    return row


if __name__ == "__main__":
    main()
