"""How far two drives of one scene by the same actions are apart: MetaDrive's and the batched engine's.

What counts is told apart at MetaDrive's first contact: up to there the two must agree, behind it a push that differs by
a millimetre makes another drive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.drive import Outcome
from gold_data.replay.flags import Flag

SMALL, LARGE = 1e-3, 1e-2
"""Differences beyond which a number counts as off, a little or much."""


@dataclass(frozen=True)
class Driven:
    """What T steps of one drive gave."""

    observations: NDArray[np.float32]  # (T + 1, D)
    poses: NDArray[np.float64]  # (T + 1, 3) x, y (m), heading (rad) in the scene's frame
    rewards: NDArray[np.float64]  # (T,)
    costs: NDArray[np.float64]  # (T,)
    flags: NDArray[np.int64]  # (T,) gold_data.replay.flags.Flag
    arrived: NDArray[np.bool_]  # (T + 1,) at this step or before

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Driven:
        """A drive's outcomes, that of its reset first, as arrays."""
        steps = outcomes[1:]
        return cls(
            np.array([one.observation for one in outcomes]),
            np.array([(one.readings.x, one.readings.y, one.readings.heading) for one in outcomes]),
            np.array([one.reward for one in steps], np.float64),
            np.array([one.cost for one in steps], np.float64),
            np.array([int(one.flags) for one in steps], np.int64),
            np.array([one.arrived for one in outcomes], bool),
        )


@dataclass(frozen=True)
class Off:
    """How many of some numbers are off, and by how much at the worst."""

    values: int = 0
    small: int = 0  # by more than 1e-3
    large: int = 0  # by more than 1e-2
    worst: float = 0.0  # infinite where one is not finite

    def __add__(self, other: Off) -> Off:
        return Off(
            self.values + other.values,
            self.small + other.small,
            self.large + other.large,
            max(self.worst, other.worst),
        )

    @classmethod
    def of(cls, difference: NDArray[np.floating]) -> Off:
        """Count the differences of some numbers."""
        size = np.nan_to_num(np.abs(difference), nan=np.inf, posinf=np.inf)
        return cls(size.size, int((size > SMALL).sum()), int((size > LARGE).sum()), float(size.max(initial=0.0)))


@dataclass(frozen=True)
class Agreement:
    """In how many frames a flag is up, by engine."""

    neither: int = 0
    batched: int = 0  # in the batched engine alone, or of more kinds there
    metadrive: int = 0  # in MetaDrive alone, or of a kind that the batched engine lacks
    both: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            self.neither + other.neither,
            self.batched + other.batched,
            self.metadrive + other.metadrive,
            self.both + other.both,
        )

    @property
    def frames(self) -> int:
        """How many."""
        return self.neither + self.batched + self.metadrive + self.both

    @property
    def wrong(self) -> int:
        """Frames in which the two differ."""
        return self.batched + self.metadrive

    @classmethod
    def of(cls, metadrive: NDArray[np.int64], batched: NDArray[np.int64], kinds: Flag) -> Agreement:
        """Compare the bits `kinds` of (T,) flags."""
        ours, theirs = batched & kinds.value, metadrive & kinds.value
        lacking, more = (theirs & ~ours) != 0, (ours & ~theirs) != 0
        same = ~lacking & ~more
        counts = (same & (theirs == 0), more & ~lacking, lacking, same & (theirs != 0))
        return cls(*(int(one.sum()) for one in counts))


@dataclass(frozen=True)
class Stretch:
    """One part of a drive: the frames before the first contact, or those from it on."""

    values: Mapping[str, Off]  # by block of the observation, `reward` and `cost`
    contact: Agreement
    contact_at_pose: Agreement  # the batched engine's contacts at MetaDrive's own pose
    line: Agreement


@dataclass(frozen=True)
class DriveParity:
    """One drive of one scene in both engines."""

    drive: str
    steps: int
    first_contact: int | None  # step of MetaDrive's
    before: Stretch
    after: Stretch
    position: tuple[float, ...]  # (T + 1,) m between the two egos
    heading: tuple[float, ...]  # (T + 1,) rad
    arrived_before: tuple[bool, bool]  # MetaDrive's, the batched engine's; by the last frame before the first contact
    arrived: tuple[bool, bool]  # by the end


def compare_drives(
    drive: str, metadrive: Driven, batched: Driven, at_pose: NDArray[np.int64], layout: Mapping[str, slice]
) -> DriveParity:
    """Hold one drive against the other; both have T steps, and the observations' blocks lie as `layout` says.

    `at_pose` are the (T,) flags that the batched engine raises where MetaDrive has the ego. The first contact is that
    of MetaDrive; the frames before it count for all numbers, and the flags of its own step as well, so that a contact
    that is missed or that comes late counts once.
    """
    steps = len(metadrive.flags)
    touching = np.flatnonzero(metadrive.flags & Flag.contact().value)
    first = int(touching[0]) + 1 if len(touching) else None
    free = steps if first is None else first - 1  # steps without a contact
    off = metadrive.poses - batched.poses
    turn = np.mod(off[:, 2] + np.pi, 2 * np.pi) - np.pi

    def stretch(frames: slice, ended: slice, flagged: slice) -> Stretch:
        observations = metadrive.observations[frames].astype(np.float64) - batched.observations[frames]
        values = {name: Off.of(observations[:, place]) for name, place in layout.items()}
        values["reward"] = Off.of(metadrive.rewards[ended] - batched.rewards[ended])
        values["cost"] = Off.of(metadrive.costs[ended] - batched.costs[ended])
        theirs, ours = metadrive.flags[flagged], batched.flags[flagged]
        return Stretch(
            values,
            Agreement.of(theirs, ours, Flag.contact()),
            Agreement.of(theirs, at_pose[flagged], Flag.contact()),
            Agreement.of(theirs, ours, Flag.SOLID_LINE),
        )

    return DriveParity(
        drive=drive,
        steps=steps,
        first_contact=first,
        before=stretch(slice(free + 1), slice(free), slice(free + 1)),
        after=stretch(slice(free + 1, None), slice(free, None), slice(free + 1, None)),
        position=_rounded(np.hypot(off[:, 0], off[:, 1])),
        heading=_rounded(np.abs(turn)),
        arrived_before=(bool(metadrive.arrived[free]), bool(batched.arrived[free])),
        arrived=(bool(metadrive.arrived[-1]), bool(batched.arrived[-1])),
    )


def _rounded(errors: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(error) for error in np.round(errors, 7))
