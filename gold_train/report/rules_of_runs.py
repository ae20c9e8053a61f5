"""Claims that are not about episodes: sizes, speed, the order of guides, learning curves (algorithms 4, C13 to C16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gold_train.bench import ratio
from gold_train.evaluation.statistics import Interval, t_difference
from gold_train.report.algorithms import DT
from gold_train.report.curve import Curve
from gold_train.report.evidence import Bench, Evidence, Seat
from gold_train.report.groups import Group
from gold_train.report.line import LEAST_SEEDS
from gold_train.report.verdict import CONSISTENT, NOT_CONSISTENT, NOT_MEASURED, Part, Verdict, above, not_measured

SHARE_OF_GUIDE = 0.9
"""Of the guide's success that a student has to come to."""


@dataclass(frozen=True)
class Faster:
    """A student takes so many times less than its guide, by the medians of a bench."""

    least: float
    most: float

    def parts(self, evidence: Evidence, actor: str | None, checkpoint: str) -> list[Part]:
        """One for each device and guide; CPU and GPU apart."""
        made = [part for bench in evidence.benches for part in self._of(bench)]
        return made or [not_measured("times of guide and student", "no bench of both is given (--bench)")]

    def _of(self, bench: Bench) -> list[Part]:
        student = next((row for row in bench.rows if row.kind != DT), None)
        if student is None:
            return []
        parts = []
        for guide in (row for row in bench.rows if row.kind == DT):
            found = ratio(guide, student)
            spread = Interval(min(guide.seconds) / max(student.seconds), max(guide.seconds) / min(student.seconds))
            verdict: Verdict = CONSISTENT if self.least <= found <= self.most else NOT_CONSISTENT
            parts.append(Part(f"{guide.name} over {student.name}, {bench.device}", verdict, found, spread))
        return parts


@dataclass(frozen=True)
class Larger:
    """A guide has so many times its student's parameters."""

    student: Seat
    times: float

    def parts(self, evidence: Evidence, actor: str | None, checkpoint: str) -> list[Part]:
        """One: the student and who guided it, or a guide of that kind."""
        student = evidence.group(self.student, actor, checkpoint)
        named = next((group for group in evidence.groups if student and group.name == student.guide), None)
        guide = named or evidence.group(Seat(str(self.student.guide)), actor, checkpoint)
        what = "parameters of the guide over the student's"
        if student is None or guide is None or not student.parameters or not guide.parameters:
            return [not_measured(what, "a student or its guide was not evaluated")]
        found = guide.parameters / student.parameters
        what = f"parameters, {guide.parameters:,} over {student.parameters:,}"
        return [Part(what, CONSISTENT if found >= self.times else NOT_CONSISTENT, found)]


@dataclass(frozen=True)
class InOrder:
    """Better guides make better students of one kind, over at least so many guides."""

    student: str
    guides: int

    def parts(self, evidence: Evidence, actor: str | None, checkpoint: str) -> list[Part]:
        """One for each two guides that are next to each other in success."""
        by_name = {group.name: group for group in evidence.groups}
        taught = [
            (by_name[group.guide], group)
            for group in evidence.groups
            if group.algorithm == Seat(self.student, group.algorithm.guide).algorithm(actor)
            and group.checkpoint == checkpoint
            and group.guide in by_name
        ]
        if len({guide.name for guide, _ in taught}) < self.guides:
            return [not_measured("students in their guides' order", f"fewer than {self.guides} guides were evaluated")]
        taught.sort(key=lambda pair: _success(evidence, pair[0]))
        return [_step(evidence, worse, better) for worse, better in pairwise(taught)]


@dataclass(frozen=True)
class LearnsFaster:
    """A guided learner succeeds more over its training than one from scratch, and comes sooner near its guide."""

    student: Seat
    scratch: Seat

    def parts(self, evidence: Evidence, actor: str | None, checkpoint: str) -> list[Part]:
        """The area under the curve of success, and the steps to 0.9 of the guide's success."""
        first, second = evidence.curves_of(self.student, actor), evidence.curves_of(self.scratch, actor)
        names = f"{self.student.algorithm(actor).name} less {self.scratch.algorithm(actor).name}"
        area, steps = f"mean success over the training, {names}", f"steps to 0.9 of the guide's success, {names}"
        fewest = min(len(first), len(second))
        if fewest < LEAST_SEEDS:
            why = f"learning curves of {len(first)} and {len(second)} seeds, and {LEAST_SEEDS} each are needed"
            return [not_measured(area, why), not_measured(steps, why)]
        every = [*first, *second]
        made = [_compared(area, _areas(first, every), _areas(second, every), better=1.0)]
        guides = evidence.curves_of(Seat(str(self.student.guide)), actor)
        if not guides:
            return [*made, not_measured(steps, "no run of the guide is given")]
        wanted = SHARE_OF_GUIDE * float(np.median([guide.best_success for guide in guides]))
        ours, theirs = ([_steps_to(curve, wanted) for curve in some] for some in (first, second))
        return [*made, _compared(steps, ours, theirs, better=-1.0)]


def _step(evidence: Evidence, worse: tuple[Group, Group], better: tuple[Group, Group]) -> Part:
    what = f"success, students of {better[0].name} less those of {worse[0].name}"
    seeds = min(group.seeds for group in (*worse, *better))
    if seeds < LEAST_SEEDS:
        return not_measured(what, f"{seeds} seeds, and {LEAST_SEEDS} are needed")
    guides, students = evidence.pair(better[0], worse[0]), evidence.pair(better[1], worse[1])
    apart = None if guides is None else guides.differences["success"].interval
    found = None if students is None else students.differences["success"]
    if students is None or found is None or found.interval is None or apart is None:
        return not_measured(what, "they drove no scenes in common")
    if apart.low <= 0:
        return not_measured(what, "their guides are not told apart")
    return above(what, found.mean, found.interval, students.tasks, seeds)


def _success(evidence: Evidence, group: Group) -> float:
    kind = evidence.line(group).all
    return -1.0 if kind is None else kind.figures["success"].mean


def _areas(curves: Sequence[Curve], all_curves: Sequence[Curve]) -> list[float]:
    """The mean of each curve between the steps that every one of them has."""
    first = max(float(curve.steps[0]) for curve in all_curves)
    last = min(float(curve.steps[-1]) for curve in all_curves)
    areas = []
    for curve in curves:
        inside = curve.steps[(first < curve.steps) & (curve.steps < last)]
        steps = np.unique([first, *inside, last])
        success = np.interp(steps, curve.steps, curve.figures["success"])
        areas.append(float(np.trapezoid(success, steps) / (last - first)) if last > first else float(success[0]))
    return areas


def _steps_to(curve: Curve, success: float) -> float:
    """The first step at which it was so good; its last, if it never was."""
    good = curve.steps[curve.figures["success"] >= success]
    return float(good[0] if len(good) else curve.steps[-1])


def _compared(what: str, first: Sequence[float], second: Sequence[float], better: float) -> Part:
    """Over seeds, by Welch's interval; `better` is 1 where more is better, -1 where less is."""
    estimate, interval = float(np.mean(first) - np.mean(second)), t_difference(first, second)
    seeds = min(len(first), len(second))
    if interval is None:
        return not_measured(what, f"{seeds} seeds, and {LEAST_SEEDS} are needed")
    low, high = sorted((better * interval.low, better * interval.high))
    verdict: Verdict = CONSISTENT if low > 0 else NOT_CONSISTENT if high < 0 else NOT_MEASURED
    return Part(
        what,
        verdict,
        estimate,
        interval,
        seeds=seeds,
        why="the interval has 0 in it" if verdict == NOT_MEASURED else None,
    )
