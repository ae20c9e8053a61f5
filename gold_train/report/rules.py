"""What a claim says, as something that evidence decides: each rule gives the parts of its claim (algorithms 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from gold_train.evaluation.statistics import Interval, drawn_means, percentiles
from gold_train.evaluation.summary import FIGURES, Pair, values_of
from gold_train.report.evidence import Evidence, Seat
from gold_train.report.groups import Group
from gold_train.report.line import LEAST_SEEDS
from gold_train.report.verdict import Part, above, below, contains, not_measured

LESS: Final = frozenset({"cost", "contact"})
"""Figures of which less is better."""

WORDS: Final[Mapping[str, str]] = {"returned": "return", "success_late": "success by 1.5x"}


class Rule(Protocol):
    """Decides one claim, for one actor of IQL students and one kind of checkpoint."""

    def parts(self, evidence: Evidence, actor: str | None, checkpoint: str) -> list[Part]:
        """All that has to hold."""
        ...


@dataclass(frozen=True)
class Better:
    """Each of the first is better than each of the second, by every figure."""

    first: tuple[Seat, ...]
    second: tuple[Seat, ...]
    figures: tuple[str, ...]

    def parts(self, evidence: Evidence, actor: str | None, checkpoint: str) -> list[Part]:
        """One of every pair and figure."""
        made = []
        for one in self.first:
            for two in self.second:
                found = _pair(evidence, one, two, actor, checkpoint)
                for figure in self.figures:
                    what = f"{_word(figure)}, {one.algorithm(actor).name} less {two.algorithm(actor).name}"
                    made.append(not_measured(what, found) if isinstance(found, str) else _better(what, figure, found))
        return made


@dataclass(frozen=True)
class Gain:
    """A seat's success is better than the best of others by so many points."""

    seat: Seat
    others: tuple[Seat, ...]
    points: float  # share

    def parts(self, evidence: Evidence, actor: str | None, checkpoint: str) -> list[Part]:
        """One: against whoever of the others succeeds most."""
        what = f"success, {self.seat.algorithm(actor).name} less the best of {_names(self.others, actor)}"
        there = [group for seat in self.others if (group := evidence.group(seat, actor, checkpoint)) is not None]
        if len(there) < len(self.others):
            return [not_measured(what, f"{_lacking(evidence, self.others, actor, checkpoint)} was not evaluated")]
        best = max(there, key=lambda group: _mean(evidence, group, "success"))
        found = _pair_of(evidence, evidence.group(self.seat, actor, checkpoint), best, self.seat.algorithm(actor).name)
        if isinstance(found, str):
            return [not_measured(what, found)]
        estimate, interval, scenes, seeds = _difference(found, "success")
        named = f"success, {self.seat.algorithm(actor).name} less {best.name}"
        return [contains(named, estimate, interval, scenes, seeds, self.points)]


@dataclass(frozen=True)
class RelativeGain:
    """A seat's return is greater than others' by this share, taken together as the mean of the shares."""

    seat: Seat
    others: tuple[Seat, ...]
    share: float

    def parts(self, evidence: Evidence, actor: str | None, checkpoint: str) -> list[Part]:
        """One, over the scenes that all of them drove."""
        what = f"return, mean gain of {self.seat.algorithm(actor).name} over {_names(self.others, actor)}"
        seats = (self.seat, *self.others)
        groups = [group for seat in seats if (group := evidence.group(seat, actor, checkpoint)) is not None]
        if len(groups) < len(seats):
            return [not_measured(what, f"{_lacking(evidence, seats, actor, checkpoint)} was not evaluated")]
        seeds = min(group.seeds for group in groups)
        if seeds < LEAST_SEEDS:
            return [not_measured(what, _few(seeds))]
        returns, clusters = _returns(groups)
        if len(set(clusters)) < 2:
            return [not_measured(what, "the scenes that all of them drove are of fewer than two drives")]
        drawn = drawn_means(returns, clusters)
        (interval,) = percentiles(_gain(drawn)[:, None])
        estimate = float(_gain(returns.mean(axis=0)[None])[0])
        return [contains(what, estimate, interval, len(returns), seeds, self.share)]


@dataclass(frozen=True)
class Below:
    """The mean of a figure is below a bound, for each of the seats."""

    figure: str
    seats: tuple[Seat, ...]
    bound: float

    def parts(self, evidence: Evidence, actor: str | None, checkpoint: str) -> list[Part]:
        """One a seat."""
        return [
            _of_mean(evidence, seat, actor, checkpoint, self.figure, f"below {self.bound:g}", self.bound)
            for seat in self.seats
        ]


@dataclass(frozen=True)
class Around:
    """The mean of a figure is about this: its interval contains it."""

    figure: str
    seat: Seat
    value: float

    def parts(self, evidence: Evidence, actor: str | None, checkpoint: str) -> list[Part]:
        """One."""
        words = f"about {self.value:g}"
        return [_of_mean(evidence, self.seat, actor, checkpoint, self.figure, words, None, self.value)]


@dataclass(frozen=True)
class All:
    """Several rules, all of which have to hold."""

    rules: tuple[Rule, ...]

    def parts(self, evidence: Evidence, actor: str | None, checkpoint: str) -> list[Part]:
        """All parts of all of them."""
        return [part for rule in self.rules for part in rule.parts(evidence, actor, checkpoint)]


def _of_mean(
    evidence: Evidence,
    seat: Seat,
    actor: str | None,
    checkpoint: str,
    figure: str,
    words: str,
    bound: float | None,
    value: float = 0.0,
) -> Part:
    what = f"{_word(figure)} of {seat.algorithm(actor).name} {words}"
    group = evidence.group(seat, actor, checkpoint)
    if group is None:
        return not_measured(what, f"{seat.algorithm(actor).name} was not evaluated")
    kind = evidence.line(group).all
    interval = None if kind is None else kind.figures[figure].over_scenes
    if group.seeds < LEAST_SEEDS or kind is None or interval is None:
        return not_measured(what, _few(group.seeds) if group.seeds < LEAST_SEEDS else "its scenes are of one drive")
    facts = kind.figures[figure].mean, interval, kind.scenes, group.seeds
    return contains(what, *facts, value) if bound is None else below(what, *facts, bound)


def _pair(evidence: Evidence, first: Seat, second: Seat, actor: str | None, checkpoint: str) -> Pair | str:
    other = evidence.group(second, actor, checkpoint)
    if other is None:
        return f"{second.algorithm(actor).name} was not evaluated"
    return _pair_of(evidence, evidence.group(first, actor, checkpoint), other, first.algorithm(actor).name)


def _pair_of(evidence: Evidence, first: Group | None, second: Group, name: str) -> Pair | str:
    """The comparison, or why there is none that counts."""
    if first is None:
        return f"{name} was not evaluated"
    fewest = min(first.seeds, second.seeds)
    if fewest < LEAST_SEEDS:
        return _few(fewest)
    found = evidence.pair(first, second)
    if found is None:
        return "they drove no scene in common"
    if found.differences["success"].interval is None:
        return "the scenes that both drove are of one drive"
    return found


def _better(what: str, figure: str, pair: Pair) -> Part:
    facts = _difference(pair, figure)
    return below(what, *facts) if figure in LESS else above(what, *facts)


def _difference(pair: Pair, figure: str) -> tuple[float, Interval, int, int]:
    found = pair.differences[figure]
    assert found.interval is not None  # _pair_of has seen to it
    return found.mean, found.interval, pair.tasks, min(len(pair.first), len(pair.second))


def _returns(groups: Sequence[Group]) -> tuple[NDArray[np.float64], list[str]]:
    """(n, k) returns of k groups in the scenes that all of them drove, seeds averaged; and the scenes' drives."""
    column = FIGURES.index("returned")
    by_scene = [
        {(row.task.scenario_id, row.task.ego_id): row for row in run if row.metrics is not None}
        for group in groups
        for run in group.rows
    ]
    shared = [key for key in by_scene[0] if all(key in run for run in by_scene)]
    runs = [values_of([run[key] for key in shared])[:, column] for run in by_scene]
    ends = np.cumsum([group.seeds for group in groups])
    returns = [np.mean(some, axis=0) for some in np.split(np.array(runs), ends[:-1])]
    return np.column_stack(returns), [by_scene[0][key].task.cluster for key in shared]


def _gain(returns: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) the mean of the first column's shares over the others, of (n, k) mean returns."""
    gains: NDArray[np.float64] = (returns[:, :1] / returns[:, 1:] - 1.0).mean(axis=1)
    return gains


def _mean(evidence: Evidence, group: Group, figure: str) -> float:
    kind = evidence.line(group).all
    return -np.inf if kind is None else kind.figures[figure].mean


def _lacking(evidence: Evidence, seats: Sequence[Seat], actor: str | None, checkpoint: str) -> str:
    return " and ".join(seat.algorithm(actor).name for seat in seats if evidence.group(seat, actor, checkpoint) is None)


def _names(seats: Sequence[Seat], actor: str | None) -> str:
    return ", ".join(seat.algorithm(actor).name for seat in seats)


def _few(seeds: int) -> str:
    return f"{seeds} seed{'s' if seeds > 1 else ''}, and {LEAST_SEEDS} are needed"


def _word(figure: str) -> str:
    return WORDS.get(figure, figure)
