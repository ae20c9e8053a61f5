"""Traffic lights of a crossing: four groups take turns, so that no two that are green cross each other's path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.synth.curves import Array
from gold_data.synth.junctions import Movement
from gold_data.synth.kinds import SignalState

CAUTION_SECONDS = 3.6
CLEARANCE_SECONDS = 2.0


@dataclass(frozen=True)
class SignalPlan:
    """The cycle: `green` (4,) seconds of each group in its turn, and the `shift` (s) of the cycle against the record.

    Group 2 a turns left from the arms of axis a (0: arms 0 and 2, 1: arms 1 and 3), group 2 a + 1 does the rest.
    """

    green: Array
    shift: float

    def states(self, groups: NDArray[np.int64], time: Array | float) -> NDArray[np.int64]:
        """GO, CAUTION or STOP for each group at each time (s, 0 at the record's first step), broadcast together."""
        into = (time + self.shift - self._starts[groups]) % self._cycle
        green = self.green[groups]
        slow = np.where(into < green + CAUTION_SECONDS, SignalState.CAUTION, SignalState.STOP)
        return np.where(into < green, SignalState.GO, slow)

    def walk(self, axis: int, until: float) -> list[tuple[float, float]]:
        """When (s) the arms of an axis have red for all cars: the spans that touch the time from 0 to `until`."""
        last = 2 * axis + 1
        red = float(self._starts[last] + self.green[last]) + CAUTION_SECONDS - self.shift
        length = self._cycle - float(self.green[2 * axis : last + 1].sum()) - 2 * CAUTION_SECONDS - CLEARANCE_SECONDS
        first = int(np.floor((-red - length) / self._cycle)) + 1
        last_lap = int(np.ceil((until - red) / self._cycle))
        return [(red + lap * self._cycle, red + lap * self._cycle + length) for lap in range(first, last_lap)]

    @property
    def _starts(self) -> Array:
        return np.concatenate([[0.0], np.cumsum(self.green + CAUTION_SECONDS + CLEARANCE_SECONDS)[:-1]])

    @property
    def _cycle(self) -> float:
        return float(np.sum(self.green + CAUTION_SECONDS + CLEARANCE_SECONDS))


def draw_plan(random: np.random.Generator) -> SignalPlan:
    """A plan with 6 to 9 s of green for left turns and 10 to 18 s for the rest, at any point of its cycle."""
    green = np.array([random.uniform(*span) for span in ((6, 9), (10, 18)) * 2])
    return SignalPlan(green, random.uniform(0, 70))


def as_shown(states: NDArray[np.int64], movement: Movement) -> NDArray[np.int64]:
    """States as WOMD writes them: lights for left turns are arrows."""
    return states - SignalState.STOP + SignalState.ARROW_STOP if movement == "left" else states
