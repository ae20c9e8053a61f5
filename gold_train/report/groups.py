"""Results of evaluations -> groups of runs that differ in their seed alone, algorithm by algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from gold_data.errors import DatasetError, SettingsError
from gold_train.evaluation.results import Described, read_evaluation
from gold_train.evaluation.summary import EpisodeRow
from gold_train.report.algorithms import ALGORITHMS, Algorithm

ANCHOR = "anchor"


@dataclass(frozen=True)
class Driven:
    """A contender and what it drove."""

    told: Described
    rows: tuple[EpisodeRow, ...]


@dataclass(frozen=True)
class Group:
    """Runs of one algorithm with the same settings, each with its own seed, all by their best or all by their last."""

    name: str  # no other group has it
    algorithm: Algorithm
    checkpoint: str  # best, last, or the name of a single file
    runs: tuple[Driven, ...]
    guide: str | None = None  # name of the group that guided it, where that one was evaluated too

    @property
    def rows(self) -> list[list[EpisodeRow]]:
        """What each run drove."""
        return [list(run.rows) for run in self.runs]

    @property
    def seeds(self) -> int:
        """How many runs."""
        return len(self.runs)

    @property
    def parameters(self) -> int | None:
        """Of a network."""
        return self.runs[0].told.parameters


@dataclass(frozen=True)
class Results:
    """All that was evaluated on one split in one engine."""

    manifest: str
    split: str
    engine: str
    groups: tuple[Group, ...]  # in the order of ALGORITHMS, the best before the last
    anchors: tuple[Driven, ...]
    refused: tuple[str, ...]  # "contender: scenario/ego: why"


def read_results(folders: Sequence[Path]) -> Results:
    """Read folders that `gold-train evaluate` wrote; what was evaluated in several of them counts once.

    Raises DatasetError for a folder without results, SettingsError where they are not of one split in one engine.
    """
    if not folders:
        raise SettingsError("there are no results: give --results a folder that `gold-train evaluate` wrote.")
    driven: dict[tuple[str, ...], Driven] = {}
    places = []
    for folder in folders:
        evaluation, rows = read_evaluation(folder)
        places.append((evaluation.manifest, evaluation.split, evaluation.engine))
        if places[-1] != places[0]:
            raise SettingsError(
                f"{folder}: is of {_place(*places[-1])}, and {folders[0]} of {_place(*places[0])}; a table has results "
                "of one dataset, split and engine."
            )
        for told in evaluation.contenders:
            own = tuple(row for row in rows if row.contender == told.name)
            driven.setdefault(_identity(told), Driven(told, own))
    found = list(driven.values())
    return Results(
        *places[0],
        groups=tuple(_groups([one for one in found if one.told.kind != ANCHOR])),
        anchors=tuple(one for one in found if one.told.kind == ANCHOR),
        refused=tuple(f"{one.told.name}: {said}" for one in found for said in one.told.refused),
    )


def algorithm_of(told: Described) -> Algorithm:
    """Which algorithm made a policy. Raises DatasetError for one that there is not."""
    made = Algorithm(told.kind, told.guide_kind, told.actor)
    if made not in ALGORITHMS:
        raise DatasetError(f"{told.name}: was made by {made.name}, which has no place in the table; leave it out")
    return made


def _groups(found: Sequence[Driven]) -> list[Group]:
    """Guides are told apart by the group that they are in, so that each seed may have had one of its own."""
    homes = {one.told.sha256: _key(one.told) for one in found}
    gathered: dict[tuple[str | None, ...], list[Driven]] = {}
    for one in found:
        if any(row.metrics is not None for row in one.rows):
            guide = homes.get(one.told.guide) if one.told.guide else None
            gathered.setdefault((*_key(one.told), *(guide or ())), []).append(one)
    made: list[Group] = []
    for runs in gathered.values():
        told = runs[0].told
        made.append(Group("", algorithm_of(told), str(told.checkpoint), tuple(_by_seed(runs))))
    made.sort(key=lambda group: (ALGORITHMS.index(group.algorithm), group.checkpoint))
    made = _named(made)
    names = {run.told.sha256: group.name for group in made for run in group.runs}
    return [replace(group, guide=names.get(group.runs[0].told.guide)) for group in made]


def _by_seed(runs: Sequence[Driven]) -> list[Driven]:
    ordered = sorted(runs, key=lambda one: (one.told.seed or 0, one.told.name))
    for one, two in pairwise(ordered):
        if one.told.seed == two.told.seed:
            raise SettingsError(
                f"{one.told.name} and {two.told.name}: have the same settings and the same seed; leave one of them out."
            )
    return ordered


def _named(groups: Sequence[Group]) -> list[Group]:
    """By algorithm and checkpoint; several of one algorithm are numbered as they came, also by what they were asked."""
    seen: dict[str, int] = {}
    named = []
    for group in groups:
        told = group.runs[0].told
        name = group.algorithm.name + ("" if told.gain is None else f" x{told.gain:g}")
        name += "" if group.checkpoint == "best" else f", {group.checkpoint}"
        seen[name] = seen.get(name, 0) + 1
        named.append(replace(group, name=name if seen[name] == 1 else f"{name} #{seen[name]}"))
    return named


def _identity(told: Described) -> tuple[str, ...]:
    """What makes two contenders the same; of one run the best and the last may be one file's bytes."""
    return (told.sha256 or told.name, str(told.gain), str(told.checkpoint))


def _key(told: Described) -> tuple[str | None, ...]:
    return told.group, told.checkpoint


def _place(manifest: str, split: str, engine: str) -> str:
    return f"dataset {manifest[:12]}, split {split}, engine {engine}"
