"""Made-up results: what a policy did in each of some scenes, without anybody driving."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gold_train.environments.world import Task
from gold_train.evaluation.metrics import Metrics
from gold_train.evaluation.results import Described, Evaluation, write_evaluation
from gold_train.evaluation.summary import EpisodeRow
from gold_train.report.algorithms import Algorithm
from gold_train.report.curve import Curve
from gold_train.report.groups import Driven, Group

SCENES = 60
QUITE_GOOD: Mapping[str, float] = {}
"""What `rows` has of who is given no other rates."""
QUIET = Metrics(
    end="arrival",
    length=80,
    success=True,
    success_late=True,
    returned=60.0,
    cost=0.0,
    cost_at_fault=0.0,
    contact=False,
    contact_steps=0,
    at_fault=False,
    contact_step=None,
    contact_with=None,
    contact_bearing=None,
    completion=0.96,
    mean_speed=8.0,
    max_jerk=3.0,
    target=None,
    lowest_return_to_go=None,
    last_return_to_go=None,
)


def rows(name: str, seed: int, rates: Mapping[str, float]) -> list[EpisodeRow]:
    """Scenes with `success`, `contact`, `returned`, `cost` about these; chance is of the name and the seed."""
    random = np.random.default_rng((seed, zlib.crc32(name.encode())))
    chances = random.random((int(rates.get("scenes", SCENES)), 3))
    made = []
    for number, (luck, touch, far) in enumerate(chances):
        arrives, touches = luck < rates.get("success", 0.8), touch < rates.get("contact", 0.05)
        metrics = replace(
            QUIET,
            end="arrival" if arrives else "time_out",
            success=bool(arrives),
            success_late=bool(arrives),
            contact=bool(touches),
            returned=rates.get("returned", 60.0) * (0.7 + 0.6 * far),
            cost=rates.get("cost", 0.5) + touch - 0.5,
        )
        frames = 91 if number % 4 else 198
        cluster = f"drive {number}"
        made.append(EpisodeRow(name, Task(f"s{number}", "sdc", frames, 60.0, 0.0, cluster), metrics))
    return made


def driven(
    algorithm: Algorithm,
    seed: int = 0,
    *,
    checkpoint: str = "best",
    guide: str | None = None,
    settings: str = "a",
    parameters: int = 100,
    rates: Mapping[str, float] = QUITE_GOOD,
) -> Driven:
    """One run of an algorithm; its file's digest is its name."""
    name = f"{algorithm.name} {settings} {checkpoint} {seed}"
    made = rows(name, seed, rates)
    told = Described(
        name=name,
        kind=algorithm.kind,
        sha256=name,
        step=7,
        seed=seed,
        gain=None,
        trained_on="m",
        run=f"run {seed}",
        checkpoint=checkpoint,
        group=f"{algorithm.name} {settings}",
        actor=algorithm.actor,
        guide=guide,
        guide_kind=algorithm.guide,
        parameters=parameters,
        strata={},
        refused=(),
    )
    return Driven(told, tuple(made))


def group(
    algorithm: Algorithm,
    seeds: int = 3,
    guide: str | None = None,
    name: str | None = None,
    parameters: int = 100,
    rates: Mapping[str, float] = QUITE_GOOD,
) -> Group:
    """Seeds of one algorithm."""
    runs = tuple(
        driven(algorithm, seed, settings=name or "a", parameters=parameters, rates=rates) for seed in range(seeds)
    )
    return Group(name or algorithm.name, algorithm, "best", runs, guide)


def write_results(folder: Path, found: Sequence[Driven], manifest: str = "m" * 64, engine: str = "metadrive") -> Path:
    """A folder as `gold-train evaluate` writes it."""
    folder.mkdir(parents=True)
    told = tuple(one.told for one in found)
    evaluation = Evaluation(manifest, "test", engine, (), told, (), ())
    write_evaluation(folder, evaluation, [row for one in found for row in one.rows])
    return folder


def curve(algorithm: Algorithm, success: Sequence[float], seed: int = 0, best: int | None = None) -> Curve:
    """Success at 100, 200, .. steps, a minute each."""
    steps = np.linspace(100.0, 100.0 * len(success), len(success))
    values: Mapping[str, NDArray[np.float64]] = {
        "success": np.array(success, np.float64),
        "contact": np.zeros(len(success)),
    }
    figures = {**values, "returned": np.full(len(success), 60.0, np.float64)}
    return Curve(Path(f"run {seed}"), algorithm, algorithm.name, best or int(steps[-1]), steps, steps / 100, figures)
