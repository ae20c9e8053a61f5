"""Evaluation: every contender drives every task of a split once; rows, figures and comparisons go to a folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track

from gold_data import open_dataset
from gold_data.errors import DatasetError, SettingsError
from gold_train.environments.opening import world_of
from gold_train.environments.world import Task, World
from gold_train.evaluation.anchors import anchors_of
from gold_train.evaluation.contenders import Contender, policies
from gold_train.evaluation.isolated import Refusal, drive_isolated
from gold_train.evaluation.metrics import measure, parked
from gold_train.evaluation.results import Described, Evaluation, make_folder, write_evaluation
from gold_train.evaluation.summary import EpisodeRow, compare, over_seeds
from gold_train.evaluation.trace import Trace

METADRIVE = "metadrive"


@dataclass(frozen=True)
class Resources:
    """How much may be used to drive; of the results, only the last bits of a policy's actions depend on it."""

    environments: int = 64  # driven at once in the batched engine
    workers: int = 1  # processes, each with a MetaDrive
    device: str = "auto"  # of policies in the batched engine: cpu, cuda, or cuda where there is one
    threads: int = 1  # of torch on the CPU, in the batched engine: most policies are too small to be shared out
    time_limit: float = 300.0  # seconds that a scene may take in MetaDrive


USUAL = Resources()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


def evaluate(
    runs: Sequence[Path],
    dataset: Path,
    out: Path,
    *,
    split: str = "test",
    engine: str = "batched",
    sources: Sequence[str] = (),
    gains: Sequence[float] = (),
    anchors: bool = True,
    resources: Resources = USUAL,
    console: Console | None = None,
) -> Evaluation:
    """Drive the tasks of a split with the best policies of `runs`, or those in single files, and the world's anchors.

    `gains` has each Decision Transformer asked for as many times its target. Tasks whose route is under 5 m are left
    out and listed. In MetaDrive a task that cannot be driven to its end is counted and named, and the others go on.
    Writes episodes.csv and summary.json to the folder `out`, the same bytes each time.

    Raises CheckpointError, DatasetError, SettingsError, SourceError, OutputError or MachineError.
    """
    _check(resources, gains)
    torch.set_num_threads(resources.threads)
    console = console or Console(stderr=True)
    opened = open_dataset(dataset)
    world = world_of(opened, split, engine=engine, sources=sources)
    numbers = [number for number, task in enumerate(world.tasks) if not parked(task)]
    if not numbers:
        raise DatasetError(f"{dataset}: split {split!r} has no task with a route of 5 m or more; choose another split")
    with tempfile.TemporaryDirectory() as kept:
        contenders = policies(runs, gains, world, Path(kept), _device(resources.device, engine))
        if anchors:
            contenders += [Contender(name, driver) for name, driver in anchors_of(world, engine).items()]
        if not contenders:
            raise SettingsError("there is nobody to evaluate: give a run, or leave the anchors in.")
        make_folder(out)
        rows = [_rows(one, world, numbers, engine, resources, console) for one in contenders]
    groups = _groups(contenders, rows)
    pairs = [compare(first, second) for first, second in combinations(groups, 2)]
    evaluation = Evaluation(
        manifest=opened.digest,
        split=split,
        engine=engine,
        left_out=tuple(_id(task) for task in world.tasks if parked(task)),
        contenders=tuple(Described.of(one, driven) for one, driven in zip(contenders, rows, strict=True)),
        seeds=tuple(over_seeds(group) for group in groups if len(group) > 1),
        pairs=tuple(pair for pair in pairs if pair is not None),
    )
    write_evaluation(out, evaluation, list(chain(*rows)))
    return evaluation


def _check(resources: Resources, gains: Sequence[float]) -> None:
    for name in ("environments", "workers", "threads"):
        value = getattr(resources, name)
        if value < 1:
            raise SettingsError(f"--{name} {value}: give 1 or more.")
    if not 0 < resources.time_limit <= 86_400:
        raise SettingsError(f"--time-limit {resources.time_limit:g}: give seconds, more than 0 and no more than a day.")
    for gain in gains:
        if not gain > 0:
            raise SettingsError(f"--gain {gain:g}: give a number above 0.")


def _device(asked: str, engine: str) -> str:
    """Where policies act. MetaDrive's processes have one observation at a time, and a CPU each."""
    if asked not in ("auto", "cpu", "cuda"):
        raise SettingsError(f"--device {asked}: choose cpu, cuda or auto.")
    there = torch.cuda.is_available()
    if asked == "cuda" and not there:
        raise SettingsError("--device cuda: torch sees no such device here; choose cpu or auto.")
    return "cuda" if there and asked != "cpu" and engine != METADRIVE else "cpu"


def _rows(
    contender: Contender, world: World, numbers: Sequence[int], engine: str, resources: Resources, console: Console
) -> list[EpisodeRow]:
    tasks = [world.tasks[number] for number in numbers]
    targets = contender.targets(tasks).tolist()
    results: Iterable[Trace | Refusal]
    if engine == METADRIVE:
        results = drive_isolated(contender.driver, world, numbers, targets, resources.workers, resources.time_limit)
    else:
        results = contender.driver.drive(world, numbers, targets, resources.environments, lambda number: None)
    shown = track(results, contender.name, len(tasks), console=console, transient=True, disable=not console.is_terminal)
    rows = [_row(contender.name, task, result) for task, result in zip(tasks, shown, strict=True)]
    refused = sum(row.refused is not None for row in rows)
    said = f", {refused} refused" if refused else ""
    console.print(f"{contender.name}: {len(rows)} driven{said}", highlight=False, markup=False)
    return rows


def _row(contender: str, task: Task, result: Trace | Refusal) -> EpisodeRow:
    if isinstance(result, Refusal):
        return EpisodeRow(contender, task, None, result.reason)
    return EpisodeRow(contender, task, measure(task, result))


def _groups(contenders: Sequence[Contender], rows: Sequence[list[EpisodeRow]]) -> list[list[list[EpisodeRow]]]:
    """The rows of policies that drove at all, those that differ in their seed alone together."""
    groups: dict[str, list[list[EpisodeRow]]] = {}
    for one, driven in zip(contenders, rows, strict=True):
        if one.group is not None and any(row.metrics is not None for row in driven):
            groups.setdefault(one.group, []).append(driven)
    return list(groups.values())


def _id(task: Task) -> str:
    return f"{task.scenario_id}/{task.ego_id}"
