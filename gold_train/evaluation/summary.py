"""What many episodes come to: rates and means with intervals, stratum by stratum, over seeds, and pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gold_train.environments.world import Task
from gold_train.evaluation.metrics import STRATA, Metrics, strata
from gold_train.evaluation.statistics import (
    Interval,
    McNemar,
    clopper_pearson,
    clustered_bootstrap,
    mcnemar,
    t_interval,
)

RATES = ("success", "success_late", "contact", "at_fault", "out_of_road", "time_out")
MEANS = (
    "returned",
    "cost",
    "cost_at_fault",
    "contact_steps",
    "completion",
    "length",
    "mean_speed",
    "max_jerk",
)
FIGURES = RATES + MEANS

ALL = "all"


@dataclass(frozen=True)
class EpisodeRow:
    """One contender in one task; `refused` says why there are no metrics."""

    contender: str
    task: Task
    metrics: Metrics | None
    refused: str | None = None


@dataclass(frozen=True)
class Figure:
    """A mean over episodes, or over runs (of a rate: their share), how far apart these are, and where the mean lies."""

    mean: float
    sd: float
    interval: Interval | None  # None where nothing can be said: of a mean, from a single cluster


@dataclass(frozen=True)
class Stratum:
    """Tasks of one kind. Rates have exact intervals where tasks are independent, else clusters are drawn anew.

    A rate of 0 or 1 among tasks that are not independent has the exact interval of as many trials as clusters.
    """

    tasks: int
    clusters: int
    independent: bool
    figures: dict[str, Figure]


@dataclass(frozen=True)
class OverSeeds:
    """Runs that differ in their seed: the mean of their means, and its interval over seeds."""

    contenders: tuple[str, ...]
    figures: dict[str, Figure]


@dataclass(frozen=True)
class Pair:
    """Two policies, or groups of seeds, on the tasks that all of them drove: the first less the second."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    tasks: int
    differences: dict[str, Figure]
    mcnemar: McNemar | None  # of success at 1.0 x, between two single runs


def by_stratum(rows: Sequence[EpisodeRow]) -> dict[str, Stratum]:
    """Figures over all tasks that were driven, and over each kind of them that there is."""
    driven = [row for row in rows if row.metrics is not None]
    chosen = {ALL: driven} | {name: [row for row in driven if name in strata(row.task)] for name in STRATA}
    return {name: _stratum(some) for name, some in chosen.items() if some}


def over_seeds(runs: Sequence[Sequence[EpisodeRow]]) -> OverSeeds:
    """What runs of several seeds come to: every run counts once, however many tasks it drove."""
    means = np.array([values_of(run).mean(axis=0) for run in runs])
    figures = {
        name: Figure(float(column.mean()), float(column.std(ddof=1)), t_interval(column.tolist()))
        for name, column in zip(FIGURES, means.T, strict=True)
    }
    return OverSeeds(tuple(run[0].contender for run in runs), figures)


def averaged(runs: Sequence[Sequence[EpisodeRow]]) -> Stratum | None:
    """Figures over the tasks that all runs drove, seeds averaged task by task; None where there is no such task.

    A rate that is 0 or 1 in every one of them has the exact interval of as many trials as clusters.
    """
    shared, values = _shared(runs)
    if not shared:
        return None
    return _of_values(np.mean(values, axis=0), [row.task.cluster for row in shared])


def compare(first: Sequence[Sequence[EpisodeRow]], second: Sequence[Sequence[EpisodeRow]]) -> Pair | None:
    """Two groups of runs, paired by task, seeds averaged first; None where they drove no task in common."""
    shared, values = _shared((*first, *second))
    if not shared:
        return None
    ours, theirs = values[: len(first)], values[len(first) :]
    difference = np.mean(ours, axis=0) - np.mean(theirs, axis=0)
    clusters = [row.task.cluster for row in shared]
    success = FIGURES.index("success")
    return Pair(
        tuple(run[0].contender for run in first),
        tuple(run[0].contender for run in second),
        len(shared),
        _figures(difference, clusters),
        mcnemar(ours[0][:, success] > 0, theirs[0][:, success] > 0) if len(ours) == len(theirs) == 1 else None,
    )


def _stratum(rows: Sequence[EpisodeRow]) -> Stratum:
    clusters, values = [row.task.cluster for row in rows], values_of(rows)
    found = _of_values(values, clusters)
    if not found.independent:
        return found
    exact = {
        name: Figure(found.figures[name].mean, found.figures[name].sd, clopper_pearson(int(column.sum()), len(rows)))
        for name, column in zip(RATES, values.T, strict=False)
    }
    return replace(found, figures=found.figures | exact)


def _of_values(values: NDArray[np.float64], clusters: Sequence[str]) -> Stratum:
    """Of (n, k) FIGURES in n tasks."""
    number = len(set(clusters))
    figures = _figures(values, clusters)
    for name in RATES:
        mean, sd = figures[name].mean, figures[name].sd
        if mean in (0.0, 1.0):
            # Drawn anew, rows that are all alike stay alike, and would seem certain.
            figures[name] = Figure(mean, sd, clopper_pearson(int(mean) * number, number))
    return Stratum(len(values), number, number == len(values), figures)


def _shared(runs: Sequence[Sequence[EpisodeRow]]) -> tuple[list[EpisodeRow], list[NDArray[np.float64]]]:
    """The tasks that all runs drove, as rows of the first, and each run's (n, k) FIGURES in them."""
    driven = [{_key(row): row for row in run if row.metrics is not None} for run in runs]
    keys = [key for key in driven[0] if all(key in run for run in driven)]
    return [driven[0][key] for key in keys], [values_of([run[key] for key in keys]) for run in driven]


def _figures(values: NDArray[np.float64], clusters: Sequence[str]) -> dict[str, Figure]:
    several = len(set(clusters)) > 1
    intervals = clustered_bootstrap(values, clusters) if several else [None] * len(FIGURES)
    deviations = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(len(FIGURES))
    return {
        name: Figure(float(mean), float(sd), interval)
        for name, mean, sd, interval in zip(FIGURES, values.mean(axis=0), deviations, intervals, strict=True)
    }


def values_of(rows: Sequence[EpisodeRow]) -> NDArray[np.float64]:
    """(n, k) FIGURES of the rows that were driven, in their order."""
    driven = [row.metrics for row in rows if row.metrics is not None]
    return np.array([[float(getattr(one, name)) for name in FIGURES] for one in driven]).reshape(-1, len(FIGURES))


def _key(row: EpisodeRow) -> tuple[str, str]:
    return row.task.scenario_id, row.task.ego_id
