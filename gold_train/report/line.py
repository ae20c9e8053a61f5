"""What a group of runs comes to: a line of the table, with what chance there is in scenes and in seeds apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gold_train.evaluation.metrics import STRATA, strata
from gold_train.evaluation.statistics import Interval, t_interval
from gold_train.evaluation.summary import ALL, FIGURES, EpisodeRow, Stratum, averaged, by_stratum, values_of
from gold_train.report.algorithms import Algorithm
from gold_train.report.groups import Driven, Group

LEAST_SEEDS = 3
"""Below, nothing is said of what another seed would do."""


@dataclass(frozen=True)
class Cell:
    """A figure: the mean over the runs' means."""

    mean: float
    sd: float  # over the episodes of a run, mean over runs
    over_scenes: Interval | None  # 95 %, seeds averaged scene by scene, whole drives drawn anew
    over_seeds: Interval | None  # 95 %, Student's, from three seeds on


@dataclass(frozen=True)
class Kind:
    """The scenes of one kind that all seeds drove."""

    scenes: int
    drives: int
    figures: dict[str, Cell]


@dataclass(frozen=True)
class Line:
    """One group of runs, or one anchor."""

    name: str
    algorithm: Algorithm | None  # None: an anchor
    checkpoint: str | None
    runs: tuple[str, ...]
    seeds: tuple[int | None, ...]
    steps: tuple[int | None, ...]
    episodes: int  # driven, over all seeds
    parameters: int | None
    guide: str | None
    kinds: dict[str, Kind]

    @property
    def all(self) -> Kind | None:
        """Over all scenes; None where no seed drove a scene that the others did."""
        return self.kinds.get(ALL)


def line_of(group: Group) -> Line:
    """Sum a group up."""
    told = [run.told for run in group.runs]
    return Line(
        name=group.name,
        algorithm=group.algorithm,
        checkpoint=group.checkpoint,
        runs=tuple(str(one.run) for one in told),
        seeds=tuple(one.seed for one in told),
        steps=tuple(one.step for one in told),
        episodes=_episodes(group.rows),
        parameters=group.parameters,
        guide=group.guide,
        kinds=_kinds(group.rows),
    )


def line_of_anchor(anchor: Driven) -> Line:
    """Sum an anchor up, which has no seed."""
    rows = [list(anchor.rows)]
    return Line(anchor.told.name, None, None, (), (), (), _episodes(rows), None, None, _kinds(rows))


def _episodes(runs: Sequence[Sequence[EpisodeRow]]) -> int:
    return sum(row.metrics is not None for run in runs for row in run)


def _kinds(runs: Sequence[Sequence[EpisodeRow]]) -> dict[str, Kind]:
    if len(runs) == 1:
        return {name: _kind(found, [_of_kind(runs[0], name)]) for name, found in by_stratum(runs[0]).items()}
    kinds = {}
    for name in (ALL, *STRATA):
        chosen = [_of_kind(run, name) for run in runs]
        found = averaged(chosen)
        if found is not None:
            kinds[name] = _kind(found, chosen)
    return kinds


def _of_kind(rows: Sequence[EpisodeRow], name: str) -> list[EpisodeRow]:
    return [row for row in rows if name == ALL or name in strata(row.task)]


def _kind(over_scenes: Stratum, runs: Sequence[Sequence[EpisodeRow]]) -> Kind:
    values = [values_of(run) for run in runs]
    means = [one.mean(axis=0) for one in values]
    return Kind(
        over_scenes.tasks,
        over_scenes.clusters,
        {
            name: Cell(
                mean=float(np.mean([one[column] for one in means])),
                sd=float(np.mean([one[:, column].std(ddof=1) if len(one) > 1 else 0.0 for one in values])),
                over_scenes=over_scenes.figures[name].interval,
                over_seeds=t_interval([float(one[column]) for one in means]) if len(runs) >= LEAST_SEEDS else None,
            )
            for column, name in enumerate(FIGURES)
        },
    )
