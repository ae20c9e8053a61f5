"""Whole environment steps by size of the batch and threads, and the car's dynamics alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from statistics import median

import numba
import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.material import Material
from benchmarks.processes import Served
from benchmarks.row import Row
from benchmarks.stock_job import StockAnswer, StockJob
from benchmarks.timing import Rate, rate_over, timed
from gold_data import ConvertSettings
from gold_data.gym.scenes import EgoScene
from gold_data.replay import Description, Drive
from gold_data.replay.batched import vehicle
from gold_data.replay.batched.batch import ROWS_A_THREAD, Batch
from gold_data.replay.batched.tracking import track_batched
from gold_data.replay.metadrive import MetaDrive

Actions = NDArray[np.float64]
"""(T, 2) steering and throttle, as the tracker drives a scene."""

TIMES = 20
"""How often a scene's actions are driven one after the other where the car is alone: it is quick."""


def measure_stepping(material: Material) -> Iterator[Row]:
    """Car, contacts, rays, all blocks, reward, ends; then the car alone. A sample is a turn through all of them.

    Batches and MetaDrive go through the same scenes, in each as many steps as the shortest drive has. Rates are of a
    CPU second, in all threads. Resets are counted for batches, and not for MetaDrive.
    """
    settings, every = material.settings, max(len(material.scenes) // material.sizes.stepped, 1)
    scenes = material.scenes[::every]
    tracked = [track_batched(scene.description, scene.ego_id, settings) for scene in scenes]
    length = min(rollout.length for rollout in tracked)
    driven = [rollout.actions[:length].astype(np.float64) for rollout in tracked]
    yield from _environments(material, scenes, driven)
    yield _car_alone(material, scenes, driven)


def _environments(material: Material, scenes: Sequence[EgoScene], driven: Sequence[Actions]) -> Iterator[Row]:
    sizes, settings = material.sizes, material.settings
    most: int = numba.config.NUMBA_NUM_THREADS
    steps = {
        (size, threads): _batch_step(scenes, driven, size, settings)
        for size in sizes.batches
        for threads in sorted({1, min(most, max(size // ROWS_A_THREAD, 1))})
    }
    ours: defaultdict[tuple[int, int], list[Rate]] = defaultdict(list)
    theirs = []
    for _ in range(sizes.turns):
        theirs.append(_metadrive(scenes, driven, settings))
        for (size, threads), step in steps.items():
            numba.set_num_threads(threads)
            step()  # what is compiled on first use is so now
            ours[size, threads].append(rate_over(step, size, sizes.seconds))
    numba.set_num_threads(most)
    for (size, threads), rates in ours.items():
        what = f"environment step, batch of {size}, {threads} thread{'s' if threads > 1 else ''}"
        by_clock = f"{median(rate.clock for rate in rates):,.0f}"
        yield Row(
            what,
            "steps/s",
            tuple(rate.cpu for rate in rates),
            "MetaDrive, stepping alone",
            tuple(theirs),
            {"by the clock": by_clock},
        )


def _batch_step(
    scenes: Sequence[EgoScene], driven: Sequence[Actions], size: int, settings: ConvertSettings
) -> Callable[[], None]:
    """One step of a batch whose environments go through all scenes, each driven as its tracker did."""
    batch = Batch((scene.made() for scene in scenes), size, settings)
    actions = np.stack(driven)
    which, length = np.arange(size), actions.shape[1]
    at, taken = which % len(scenes), length

    def step() -> None:
        nonlocal at, taken
        if taken == length:
            at, taken = (at + 1) % len(scenes), 0
            batch.reset(which, at)
        batch.step(actions[at, taken])
        taken += 1

    return step


def _metadrive(scenes: Sequence[EgoScene], driven: Sequence[Actions], settings: ConvertSettings) -> float:
    """Steps a CPU second of the reference engine, with the same observations, over all scenes."""
    return sum(map(len, driven)) / sum(
        _metadrive_seconds(scene, actions, settings) for scene, actions in zip(scenes, driven, strict=True)
    )


def _metadrive_seconds(scene: EgoScene, actions: Actions, settings: ConvertSettings) -> float:
    with closing(Drive(MetaDrive(settings.simulator), settings)) as drive:
        drive.reset(scene.description, scene.ego_id)

        def drive_on() -> None:
            for action in actions:
                drive.step(action)

        return timed(drive_on)[0]


def _car_alone(material: Material, scenes: Sequence[EgoScene], driven: Sequence[Actions]) -> Row:
    """The vehicle on the plane against Bullet's in MetaDrive, where all but the car and one lane is taken away."""
    sizes, fastest = material.sizes, material.settings.simulator.max_speed_km_h
    car = np.zeros(vehicle.STATE)
    ours, theirs = [], []
    with Served("benchmarks.stock") as stock:
        for turn in range(sizes.turns):
            scene, actions = scenes[turn % len(scenes)], np.tile(driven[turn % len(scenes)], (TIMES, 1))
            drive = partial(_drive_car, car, actions, fastest)
            drive()  # what is compiled on first use is so now
            ours.append(rate_over(drive, len(actions), sizes.seconds).cpu)
            answer: StockAnswer = stock.ask(StockJob(_emptied(scene), actions, physics_alone=True))
            theirs.append(len(actions) / answer.stepping)
    return Row("car alone", "steps/s", tuple(ours), "Bullet in MetaDrive, car alone", tuple(theirs))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _drive_car(car: NDArray[np.float64], actions: Actions, fastest: float) -> None:
    vehicle.place(car, 0.0, 0.0, 0.0, 8.0, 0.0)
    for step in range(len(actions)):
        vehicle.step(car, actions[step, 0], actions[step, 1], fastest)


def _emptied(scene: EgoScene) -> Description:
    """The scene with nobody but the ego, and, since MetaDrive wants a road, with its first lane."""
    given = scene.description
    lane = next(name for name, feature in given["map_features"].items() if "LANE" in feature["type"])
    return {
        **given,
        "tracks": {scene.ego_id: given["tracks"][scene.ego_id]},
        "map_features": {lane: given["map_features"][lane]},
        "dynamic_map_states": {},
    }
