"""Whether an interval decides: consistent, not consistent, or not measured, and how many scenes would decide."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from gold_train.evaluation.statistics import Interval

Verdict = Literal["consistent", "not consistent", "not measured"]
CONSISTENT: Final = "consistent"
NOT_CONSISTENT: Final = "not consistent"
NOT_MEASURED: Final = "not measured"


NEXT_TO: Final = 1e-3
"""Share of an interval's half: to tell less than this from nothing takes a million times the scenes."""


@dataclass(frozen=True)
class Part:
    """One comparison of a claim."""

    what: str
    verdict: Verdict
    estimate: float | None = None
    interval: Interval | None = None  # 95 %, the one that decides
    scenes: int | None = None
    seeds: int | None = None  # fewest of the groups that are compared
    needed: int | None = None  # scenes that would decide, were the difference what it seems
    why: str | None = None  # of what is not measured


def above(what: str, estimate: float, interval: Interval, scenes: int, seeds: int, bound: float = 0.0) -> Part:
    """The claim that a figure is above a bound."""
    if interval.low > bound:
        return Part(what, CONSISTENT, estimate, interval, scenes, seeds)
    if interval.high < bound:
        return Part(what, NOT_CONSISTENT, estimate, interval, scenes, seeds)
    return _undecided(what, estimate, interval, scenes, seeds, bound)


def below(what: str, estimate: float, interval: Interval, scenes: int, seeds: int, bound: float = 0.0) -> Part:
    """The claim that a figure is below a bound."""
    if interval.high < bound:
        return Part(what, CONSISTENT, estimate, interval, scenes, seeds)
    if interval.low > bound:
        return Part(what, NOT_CONSISTENT, estimate, interval, scenes, seeds)
    return _undecided(what, estimate, interval, scenes, seeds, bound)


def contains(what: str, estimate: float, interval: Interval, scenes: int, seeds: int, value: float) -> Part:
    """The claim that a gain is of this size: its interval contains it, and not zero.

    An interval that contains both is too wide to say anything.
    """
    if not interval.low <= value <= interval.high:
        return Part(what, NOT_CONSISTENT, estimate, interval, scenes, seeds)
    if interval.low > 0 or interval.high < 0:
        return Part(what, CONSISTENT, estimate, interval, scenes, seeds)
    further = max((0.0, value), key=lambda bound: abs(estimate - bound))
    return _undecided(what, estimate, interval, scenes, seeds, further)


def not_measured(what: str, why: str) -> Part:
    """A comparison for which something is lacking."""
    return Part(what, NOT_MEASURED, why=why)


def of_all(parts: Iterable[Part]) -> Verdict:
    """A claim is consistent where all of its parts are, and not consistent where one is not."""
    found = {part.verdict for part in parts}
    if NOT_CONSISTENT in found:
        return NOT_CONSISTENT
    return CONSISTENT if found == {CONSISTENT} else NOT_MEASURED


def scenes_needed(estimate: float, interval: Interval, scenes: int, bound: float) -> int | None:
    """How many scenes would put the bound outside, were the estimate right: intervals shrink as 1 / sqrt(scenes).

    None where the estimate is the bound or next to it, which no number of scenes that there are tells apart.
    """
    distance = abs(estimate - bound)
    half = estimate - interval.low if estimate > bound else interval.high - estimate
    if half <= 0 or distance <= NEXT_TO * half:
        return None
    return max(math.ceil(scenes * (half / distance) ** 2), scenes + 1)


def _undecided(what: str, estimate: float, interval: Interval, scenes: int, seeds: int, bound: float) -> Part:
    needed = scenes_needed(estimate, interval, scenes, bound)
    why = f"the interval has {bound:g} in it"
    return Part(what, NOT_MEASURED, estimate, interval, scenes, seeds, needed, why)
