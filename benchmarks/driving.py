"""Whole episodes along the record, reset to end: tracked and replayed, in MetaDrive and batched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from benchmarks.material import Material
from benchmarks.processes import Served
from benchmarks.row import Row
from benchmarks.stock_job import StockAnswer, StockJob
from benchmarks.timing import timed
from gold_data import ConvertSettings
from gold_data.gym.scenes import EgoScene
from gold_data.replay import Drive, Rollout, replay_record, track_record
from gold_data.replay.batched.replaying import replay_batched
from gold_data.replay.batched.tracking import track_batched
from gold_data.replay.metadrive import MetaDrive

TRACKED, REPLAYED = "MetaDrive, tracked", "MetaDrive, log replay"
BATCHED, BATCHED_REPLAYED = "batched, tracked", "batched, log replay"
STOCK, STOCK_REPLAYED = "stock MetaDrive, same actions", "stock MetaDrive, log replay"
BARE = "MetaDrive, same actions, results dropped"

Way = tuple[dict[str, float], int, bool]
"""CPU seconds by name, steps, and whether stock MetaDrive saw the same, to the bit."""


def measure_driving(material: Material) -> Iterator[Row]:
    """Each scene is driven in all ways before the next one; a sample is a scene, in steps a CPU second.

    Every drive has a fresh engine, made and closed within its time. What stock MetaDrive sees is held against ours.
    """
    rates: defaultdict[str, list[float]] = defaultdict(list)
    equal: defaultdict[str, int] = defaultdict(int)
    with Served("benchmarks.stock") as stock:
        for way in (_tracked, _replayed):
            way(material.scenes[0], material.settings, stock)  # what is imported or compiled on first use is so now
        for scene in material.scenes:
            for way in (_tracked, _replayed):
                seconds, steps, same = way(scene, material.settings, stock)
                equal[way.__name__] += same
                for name, spent in seconds.items():
                    rates[name].append(steps / spent)

    def row(what: str, reference: str, **beside: str) -> Row:
        return Row(what, "steps/s", tuple(rates[what]), reference, tuple(rates[reference]), beside)

    count = len(material.scenes)
    yield row(TRACKED, STOCK, **{"equal bytes in": f"{equal['_tracked']} of {count} scenes"})
    yield row(TRACKED, BARE)
    yield row(BATCHED, TRACKED)
    yield row(REPLAYED, STOCK_REPLAYED, **{"equal bytes in": f"{equal['_replayed']} of {count} scenes"})
    yield row(BATCHED_REPLAYED, REPLAYED)


def _tracked(scene: EgoScene, settings: ConvertSettings, stock: Served) -> Way:
    def ours() -> Rollout:
        with closing(Drive(MetaDrive(settings.simulator), settings)) as drive:
            return track_record(drive, scene.description, scene.ego_id, settings.tracker, lambda step: None)

    def bare() -> None:
        with closing(MetaDrive(settings.simulator)) as engine:
            engine.reset(scene.made())
            for action in actions:
                engine.step(action)

    seconds: dict[str, float] = {}
    seconds[TRACKED], rollout = timed(ours)
    actions = rollout.actions.astype(np.float64)
    seconds[BARE], _ = timed(bare)
    seconds[BATCHED], _ = timed(lambda: track_batched(scene.description, scene.ego_id, settings))
    answer: StockAnswer = stock.ask(StockJob(scene.description, actions))
    seconds[STOCK] = answer.seconds
    return seconds, rollout.length, _same(rollout, answer.seen)


def _replayed(scene: EgoScene, settings: ConvertSettings, stock: Served) -> Way:
    def ours() -> Rollout:
        with closing(Drive(MetaDrive(settings.simulator, follow_record=True), settings)) as drive:
            return replay_record(drive, scene.description, scene.ego_id, lambda step: None)

    seconds: dict[str, float] = {}
    seconds[REPLAYED], rollout = timed(ours)
    seconds[BATCHED_REPLAYED], _ = timed(lambda: replay_batched(scene.description, scene.ego_id, settings))
    answer: StockAnswer = stock.ask(StockJob(scene.description, np.zeros((rollout.length, 2)), follow_record=True))
    seconds[STOCK_REPLAYED] = answer.seconds
    return seconds, rollout.length, _same(rollout, answer.seen)


def _same(rollout: Rollout, seen: NDArray[np.float32]) -> bool:
    """MetaDrive's own numbers stand first in an observation."""
    return seen.tobytes() == np.ascontiguousarray(rollout.observations[:, : seen.shape[1]]).tobytes()
