"""What a conversion costs by its size: made-up records, `gold-data convert --engine batched`, more and more of them."""

from __future__ import annotations

import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from benchmarks.material import Material
from benchmarks.processes import Taken, watch
from benchmarks.row import Row
from gold_data.conversion.run import cores
from gold_data.synth import scenario_record
from gold_data.womd import write_records

SEED = 10
COMMAND = Path(sys.executable).with_name("gold-data")
DONE, ENGINES_APART = 0, 1
"""Exit codes with a whole dataset behind them."""


def measure_growth(material: Material) -> Iterator[Row]:
    """Whole commands by the clock, start and index included, in processes of their own; the smallest is the reference.

    Seconds of CPU and peak memory are those of all processes of a command, as they are seen ten times a second.
    """
    sizes = material.sizes
    files = _records(material.work / "growing", max(sizes.growth), min(sizes.growth))
    taken: defaultdict[tuple[int, int], list[Taken]] = defaultdict(list)
    _convert(files[:1], 1, material.work)  # what is compiled on first use is so now
    for turn in range(max(sizes.again)):
        for scenes, again in zip(sizes.growth, sizes.again, strict=True):
            for workers in sizes.workers if turn < again else ():
                taken[scenes, workers].append(_convert(files[: scenes // min(sizes.growth)], workers, material.work))
    smallest = min(taken)
    for (scenes, workers), runs in taken.items():
        yield Row(
            f"convert {scenes:,} scenes, {workers} worker{'s' if workers > 1 else ''}",
            "scenes/s",
            tuple(scenes / run.wall for run in runs),
            f"{smallest[0]} scenes, {smallest[1]} worker",
            tuple(smallest[0] / run.wall for run in taken[smallest]),
            {
                "s": f"{median(run.wall for run in runs):.1f}",
                "CPU ms a scene": f"{1000 * median(run.cpu for run in runs) / scenes:.0f}",
                "peak MB": f"{max(run.peak for run in runs) / 1e6:,.0f}",
            },
        )


def _convert(files: list[Path], workers: int, work: Path) -> Taken:
    out = work / "converted"
    command = [COMMAND, "convert", *files, "--out", out, "--engine", "batched", "--workers", workers]
    try:
        return watch(list(map(str, command)), allowed=(DONE, ENGINES_APART))
    finally:
        shutil.rmtree(out, ignore_errors=True)


def _records(folder: Path, scenarios: int, each: int) -> list[Path]:
    """TFRecords of so many scenarios, `each` a file, written by all cores."""
    folder.mkdir()
    with ProcessPoolExecutor(cores(), mp_context=get_context("spawn")) as pool:
        return list(pool.map(partial(_write, folder, each), range(scenarios // each)))


def _write(folder: Path, each: int, number: int) -> Path:
    path = folder / f"growing.tfrecord-{number:05d}"
    write_records(path, (scenario_record(SEED, number * each + index) for index in range(each)))
    return path
