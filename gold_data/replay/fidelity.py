"""Does a log replay show the record? Each object at each step, or the reason why it cannot.

What MetaDrive 0.4.3 does with a recorded object stands in its manager/scenario_traffic_manager.py and
policy/replay_policy.py; the reasons below are what these files leave undone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

MAX_POSITION_ERROR = 1e-3
"""Metres."""
MAX_HEADING_ERROR = 1e-4
"""Radians."""
MIN_STATIC_STEPS = 20
"""Valid steps below which MetaDrive takes a cone or barrier for noise (MIN_VALID_FRAME_LEN)."""

STATIC = ("TRAFFIC_CONE", "TRAFFIC_BARRIER")
SPAWNED = ("VEHICLE", "PEDESTRIAN", "CYCLIST", *STATIC)

Pose: TypeAlias = tuple[float, float, float]
"""x, y (m) in the scene's frame, heading (rad)."""


class Reason(StrEnum):
    """Why an object is not as its record has it, through no fault of the replay."""

    TYPE = "type"
    NOISE = "noise"
    STATIC = "static"
    EGO_STAYS = "ego_stays"


REASONS = {
    Reason.TYPE: "MetaDrive spawns vehicles, pedestrians, cyclists, cones and barriers only",
    Reason.NOISE: f"a cone or barrier valid at fewer than {MIN_STATIC_STEPS} steps is taken for noise, not spawned",
    Reason.STATIC: "a cone or barrier stays where it was first seen, to the end",
    Reason.EGO_STAYS: "the ego cannot vanish: it rolls on where its record has a gap",
}
NOT_COMPARED = (
    "height: MetaDrive's ground is flat, and bodies stand or fall on it",
    "size: vehicles get one of four bodies by length, others one each",
)
"""What a replay does not try to show."""


class Fault(StrEnum):
    """What is wrong with a replayed object."""

    DEVIATES = "deviates"
    MISSING = "missing"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True)
class Recorded:
    """What the record says of N objects at T steps, in the scene's frame."""

    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    ego: int  # row
    position: NDArray[np.float64]  # (N, T, 2) m
    heading: NDArray[np.float64]  # (N, T) rad, not wrapped
    valid: NDArray[np.bool_]  # (N, T)


@dataclass(frozen=True)
class Breach:
    """One object's steps at which it deviates, is missing, or should not be there.

    `step` is that of the largest error, or the first; errors are the largest of these steps (m, rad), None where there
    is nothing to compare or a number is not finite.
    """

    object: str
    fault: Fault
    step: int
    steps: int
    position_error: float | None = None
    heading_error: float | None = None


@dataclass(frozen=True)
class Exempt:
    """One object's steps that are not as recorded, for a reason."""

    object: str
    reason: Reason
    steps: int


@dataclass(frozen=True)
class Fidelity:
    """A replay beside its record: how many objects and object-steps were compared, and what came of it."""

    objects: int
    steps: int
    position_error: float  # m, the largest of all that was compared; infinite where a number is not finite
    heading_error: float  # rad
    breaches: tuple[Breach, ...]
    exempt: tuple[Exempt, ...]


def compare(recorded: Recorded, replayed: Sequence[Mapping[str, Pose]]) -> Fidelity:
    """Hold the poses of all spawned objects, by id, one mapping a step from the reset on, against the record.

    An object counts as compared at each step at which it is both recorded and spawned, and not exempt.
    """
    poses = np.full((*recorded.valid.shape, 3), np.nan)
    present = np.zeros(recorded.valid.shape, bool)
    rows = {name: row for row, name in enumerate(recorded.ids)}
    strangers: dict[str, list[int]] = {}
    for step, spawned in enumerate(replayed):
        for name, pose in spawned.items():
            if name in rows:
                poses[rows[name], step], present[rows[name], step] = pose, True
            else:
                strangers.setdefault(name, []).append(step)
    errors = _Errors.of(recorded, poses)
    exempt = _exemptions(recorded, poses, present, errors.wrong)
    excused = np.logical_or.reduce([np.zeros_like(present), *exempt.values()])
    compared = recorded.valid & present & ~excused
    faults = {
        Fault.DEVIATES: compared & errors.wrong,
        Fault.MISSING: recorded.valid & ~present & ~excused,
        Fault.UNEXPECTED: present & ~recorded.valid & ~excused,
    }
    breaches = [
        _breach(recorded.ids[row], fault, errors.position[row], errors.heading[row], where[row])
        for fault, where in faults.items()
        for row in np.flatnonzero(where.any(axis=1))
    ]
    breaches += [Breach(name, Fault.UNEXPECTED, steps[0], len(steps)) for name, steps in strangers.items()]
    return Fidelity(
        objects=int(compared.any(axis=1).sum()),
        steps=int(compared.sum()),
        position_error=float(errors.position[compared].max(initial=0.0)),
        heading_error=float(errors.heading[compared].max(initial=0.0)),
        breaches=tuple(breaches),
        exempt=tuple(
            Exempt(recorded.ids[row], reason, int(where[row].sum()))
            for reason, where in exempt.items()
            for row in np.flatnonzero(where.any(axis=1))
        ),
    )


@dataclass(frozen=True)
class _Errors:
    """(N, T) each; a number that is not finite is an infinite error."""

    position: NDArray[np.float64]
    heading: NDArray[np.float64]

    @classmethod
    def of(cls, recorded: Recorded, poses: NDArray[np.float64]) -> _Errors:
        with np.errstate(invalid="ignore", over="ignore"):
            position = np.hypot(*np.moveaxis(poses[..., :2] - recorded.position, -1, 0))
            turn = np.remainder(poses[..., 2] - recorded.heading + math.pi, 2 * math.pi) - math.pi
        finite = [np.where(np.isfinite(error), np.abs(error), np.inf) for error in (position, turn)]
        return cls(*finite)

    @property
    def wrong(self) -> NDArray[np.bool_]:
        return (self.position > MAX_POSITION_ERROR) | (self.heading > MAX_HEADING_ERROR)


def _exemptions(
    recorded: Recorded, poses: NDArray[np.float64], present: NDArray[np.bool_], wrong: NDArray[np.bool_]
) -> dict[Reason, NDArray[np.bool_]]:
    """(N, T) for each reason: the steps at which it explains what is seen."""
    valid = recorded.valid
    kinds = np.array(recorded.kinds, object)[:, None]
    static = np.isin(kinds, STATIC)
    ego = np.arange(len(kinds))[:, None] == recorded.ego
    absent = valid & ~present & ~ego
    few = static & (valid.sum(axis=1, keepdims=True) < MIN_STATIC_STEPS)
    return {
        Reason.TYPE: absent & ~np.isin(kinds, SPAWNED),
        Reason.NOISE: absent & few,
        Reason.STATIC: static & ~few & present & (~valid | wrong) & _as_first_seen(valid, poses, wrong),
        Reason.EGO_STAYS: ego & present & ~valid,
    }


def _as_first_seen(valid: NDArray[np.bool_], poses: NDArray[np.float64], wrong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Steps behind the first valid one at which the pose is still that one's, if that was as recorded."""
    rows = np.arange(len(poses))
    first = valid.argmax(axis=1)
    later = np.arange(valid.shape[1]) > first[:, None]
    same = (poses == poses[rows, first][:, None]).all(axis=-1)
    return np.asarray(later & same & ~wrong[rows, first][:, None])


def _breach(
    name: str,
    fault: Fault,
    position: NDArray[np.float64],
    heading: NDArray[np.float64],
    where: NDArray[np.bool_],
) -> Breach:
    steps = np.flatnonzero(where)
    if fault is not Fault.DEVIATES:
        return Breach(name, fault, int(steps[0]), len(steps))
    worst = np.maximum(position[steps] / MAX_POSITION_ERROR, heading[steps] / MAX_HEADING_ERROR).argmax()
    largest = [float(error[steps].max()) for error in (position, heading)]
    return Breach(
        name, fault, int(steps[worst]), len(steps), *(value if math.isfinite(value) else None for value in largest)
    )
