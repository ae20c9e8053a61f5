"""The batched engine against MetaDrive: the same scenes, driven by the same tracker, in one run.

    benchmarks/batched.py [SOURCE ...] [--scenes N]

SOURCE defaults to WOMD's records in ../shared/womd or $GOLD_WOMD, or to synthetic ones where these are not there. Rates
are of whole steps (car, contacts, rays, all blocks, reward, ends) a CPU second of this process, in all threads. The
reference is MetaDrive as `gold-data convert` runs it, a fresh engine a scene; stepping alone leaves its resets out.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numba
import numpy as np

from gold_data import ConvertSettings
from gold_data.replay import Drive, Scene, make_scene, track_record
from gold_data.replay.batched import vehicle
from gold_data.replay.batched.batch import Batch
from gold_data.replay.batched.tracking import track_batched
from gold_data.replay.metadrive import MetaDrive
from gold_data.scenarionet import Description
from gold_data.sources import Outlined, find_sources, outlines, read_description
from gold_data.synth import synthesize

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[2] / "shared" / "womd"))
SETTINGS = ConvertSettings()
SIZES = (1, 64, 1024)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("sources", nargs="*")
    arguments.add_argument("--scenes", type=int, default=16)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as work:
        if not given.sources and not WOMD.is_dir():
            synthesize(Path(work) / "records", 2 * given.scenes, 0)
        sources = given.sources or [str(WOMD) if WOMD.is_dir() else f"{work}/records"]
        measure(_descriptions(sources, given.scenes))


def _descriptions(sources: list[str], count: int) -> list[Description]:
    places = [
        (source, found)
        for source in find_sources(sources)
        for found in outlines(source)
        if isinstance(found, Outlined) and found.outline.states.shape[1] >= SETTINGS.acceptance.min_steps
    ]
    spread = places[:: max(len(places) // count, 1)][:count]
    return [read_description(source, found.offset, found.crc) for source, found in spread]


def measure(descriptions: list[Description]) -> None:
    """Time both engines by turns, and the batch by its size and threads."""
    print(f"{platform.platform()}, {os.cpu_count()} cores; {len(descriptions)} scenes")
    egos = [str(description["metadata"]["sdc_id"]) for description in descriptions]
    track_batched(descriptions[0], egos[0], SETTINGS)  # what is compiled on first use is compiled
    reference, own, steps, stepping = 0.0, 0.0, 0, 0.0
    for description, ego in zip(descriptions, egos, strict=True):
        begin = time.process_time()
        with closing(Drive(MetaDrive(SETTINGS.simulator), SETTINGS)) as drive:
            marks: list[float] = []
            rollout = track_record(
                drive, description, ego, SETTINGS.tracker, lambda step, marks=marks: marks.append(time.process_time())
            )
            stepping += time.process_time() - marks[0]
        reference += time.process_time() - begin
        steps += rollout.length
        begin = time.process_time()
        track_batched(description, ego, SETTINGS)
        own += time.process_time() - begin
    count = len(descriptions)
    _say("MetaDrive, an episode", steps / reference, f"{1000 * reference / count:.1f} ms")
    _say("MetaDrive, stepping alone", steps / stepping, f"{1000 * stepping / count:.1f} ms")
    _say("batched, an episode, tracked", steps / own, f"{1000 * own / count:.1f} ms, x{reference / own:.0f}")
    scenes = [make_scene(description, ego) for description, ego in zip(descriptions, egos, strict=True)]
    for threads in sorted({1, numba.config.NUMBA_NUM_THREADS}):
        numba.set_num_threads(threads)
        for size in SIZES:
            rate = _rate(scenes, size)
            _say(f"batch of {size}, {threads} thread(s)", rate, f"x{rate * stepping / steps:.0f} of stepping")
    numba.set_num_threads(1)
    car = np.zeros(vehicle.STATE)
    vehicle.place(car, 0.0, 0.0, 0.0, 8.0, 0.0)
    rate = _repeat(lambda: vehicle.step(car, 0.01, 0.1, 160.0), 1)
    _say("the car alone, from Python", rate, "")


def _say(what: str, rate: float, more: str) -> None:
    print(f"{what:30} {rate:10.0f} steps/s  {more}")


def _rate(scenes: list[Scene], size: int) -> float:
    batch = Batch(scenes, size, SETTINGS)
    which, numbers = np.arange(size), np.arange(size) % len(scenes)
    batch.reset(which, numbers)
    actions = np.tile([0.0, 0.05], (size, 1))
    taken = 0

    def step() -> None:
        nonlocal taken
        batch.step(actions)
        taken += 1
        if taken % 80 == 0:
            batch.reset(which, numbers)

    step()
    return _repeat(step, size)


def _repeat(step: Callable[[], None], size: int) -> float:
    """Steps a CPU second, over two seconds."""
    begin, times = time.process_time(), 0
    while time.process_time() - begin < 2.0:
        step()
        times += 1
    return times * size / (time.process_time() - begin)


if __name__ == "__main__":
    main()
