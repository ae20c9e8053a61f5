"""What one driven episode comes to (algorithms 2.7, design 8 and 9).

Return, cost and contacts count over the recorded length, L steps: behind it all traffic is gone. Where nothing was
recorded, as in the toy, nothing goes and all steps count. Arrival and the other ends are looked for up to the limit,
1.5 x L steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gold_data.replay import Flag
from gold_train.environments.world import Task
from gold_train.evaluation.trace import Trace

STEP = 0.1
"""Seconds."""

ARRIVAL, OUT_OF_ROAD, OTHER, TIME_OUT = "arrival", "out_of_road", "other", "time_out"
"""How an episode ends: exactly one of these. OTHER is what else terminates it: driving back behind the start."""

PARKED = 5.0
"""m of route below which a task is left out: MetaDrive takes a standing ego for one that has arrived."""

_CONTACTS = {"vehicle": Flag.CONTACT_VEHICLE, "object": Flag.CONTACT_OBJECT, "human": Flag.CONTACT_HUMAN}


@dataclass(frozen=True)
class Metrics:
    """One policy in one task."""

    end: str
    length: int  # steps
    success: bool  # arrived within L steps
    success_late: bool  # arrived within 1.5 x L steps
    returned: float  # sum of the raw rewards
    cost: float  # sum of the costs
    cost_at_fault: float  # the same without contacts that are not the ego's fault
    contact: bool  # touched a vehicle, an object or a person
    contact_steps: int
    at_fault: bool  # touched somebody parked or ahead while moving
    contact_step: int | None  # the first, from 1 on
    contact_with: str | None  # whom the first touched: vehicle, object, human
    contact_bearing: float | None  # rad, where that one was, left positive
    completion: float  # share of the route, at the furthest
    mean_speed: float  # m/s
    max_jerk: float  # m/s3, largest along the path, either way
    target: float | None  # return that was asked for
    lowest_return_to_go: float | None  # of what was asked for, at its lowest
    last_return_to_go: float | None

    @property
    def out_of_road(self) -> bool:
        """Whether it ended beside the road."""
        return self.end == OUT_OF_ROAD

    @property
    def time_out(self) -> bool:
        """Whether it neither arrived nor left within the limit."""
        return self.end == TIME_OUT


def time_limit(frames: int, numerator: int, denominator: int) -> int:
    """Steps of numerator / denominator times the recorded length, rounded up; floats would make ceil(1.1 x 50) 56."""
    return (numerator * frames + denominator - 1) // denominator


def episode_limit(frames: int) -> int:
    """Steps that an episode may have at the most: 1.5 recorded lengths (environments/driving.py: LIMIT)."""
    return time_limit(frames, 3, 2)


def measure(task: Task, trace: Trace) -> Metrics:
    """What a trace of a task comes to."""
    recorded = slice(0, task.frames)
    counted = recorded if math.isfinite(task.route_length) else slice(None)
    flags, costs = trace.flags[counted], trace.costs[counted]
    touched = (flags & Flag.contact()) != 0
    at_fault = (flags & Flag.AT_FAULT) != 0
    kinds = np.sum([(flags & kind) != 0 for kind in _CONTACTS.values()], axis=0)
    first = int(np.argmax(touched)) if touched.any() else None
    left = trace.target - np.cumsum(trace.rewards)
    return Metrics(
        end=_end(trace),
        length=len(trace.rewards),
        success=bool(trace.arrived[recorded].any()),
        success_late=bool(trace.arrived[: episode_limit(task.frames)].any()),
        returned=float(trace.rewards[counted].sum()),
        cost=float(costs.sum()),
        cost_at_fault=float((costs - kinds * (touched & ~at_fault)).sum()),
        contact=bool(touched.any()),
        contact_steps=int(touched.sum()),
        at_fault=bool(at_fault.any()),
        contact_step=None if first is None else first + 1,
        contact_with=None if first is None else _with(int(flags[first])),
        contact_bearing=None if first is None else _number(trace.contact_bearing[first]),
        completion=float(np.clip(trace.completion.max(), 0.0, 1.0)),
        mean_speed=float(trace.speed[1:].mean()),
        max_jerk=float(np.abs(np.diff(trace.speed, 2)).max(initial=0.0) / STEP**2),
        target=_number(trace.target),
        lowest_return_to_go=_number(left.min()),
        last_return_to_go=_number(left[-1]),
    )


def strata(task: Task) -> tuple[str, ...]:
    """Kinds of tasks that are told apart; none for one without a record to follow."""
    if not math.isfinite(task.route_length):
        return ()
    length = task.route_length
    return (
        "9 s" if task.frames <= 100 else "20 s",
        "5-30 m" if length < 30 else "30-100 m" if length <= 100 else "> 100 m",
        "turning" if abs(task.turn) > 0.5 else "straight",
    )


STRATA = ("9 s", "20 s", "5-30 m", "30-100 m", "> 100 m", "turning", "straight")
"""In the order in which they are listed: recorded for up to 10 s or longer; route; over or under 0.5 rad of turn."""


def parked(task: Task) -> bool:
    """Whether a task is left out, since who stands has arrived in it."""
    return task.route_length < PARKED


def _end(trace: Trace) -> str:
    if trace.arrived[-1]:
        return ARRIVAL
    if not trace.terminated:
        return TIME_OUT
    return OUT_OF_ROAD if trace.flags[-1] & Flag.OUT_OF_ROAD else OTHER


def _with(flags: int) -> str:
    return next(name for name, kind in _CONTACTS.items() if flags & kind)


def _number(value: float) -> float | None:
    """None for what is no number: JSON has no NaN."""
    return float(value) if math.isfinite(value) else None
