"""Episodes that differ from their records, drawn for training: a record driven again and again has one answer."""

from __future__ import annotations

from functools import cache

import numpy as np

from gold_data.replay.pace import STEP
from gold_data.replay.variation import Variation
from gold_data.settings import DemonstrationSettings
from gold_data.trajectories.demonstrations import Course, draw_offset, draw_start


def draw_variation(
    chance: np.random.Generator, course: Course, *, traffic: float, pace: float, start: float, inside: float
) -> Variation:
    """The next variation of a stream of random numbers.

    `traffic` (s) is the largest shift of the clock of all others, either way, `pace` the largest share by which the
    time to arrive is longer or shorter, `start` how far off the recorded pose an episode begins, of the default bounds
    of DemonstrationSettings, `inside` the share that begins inside the record. Others who are behind the record's clock
    have no place before its first frame: there the episode begins as much later.
    """
    bounds = _bounds(start, inside)
    latest = int(bounds.latest * course.arrival)
    shift = max(round(float(chance.uniform(-traffic, traffic)) / STEP), -latest)
    frame = max(draw_start(chance, course, bounds), -shift)
    offset = draw_offset(chance, float(course.speeds[frame]), bounds)
    return Variation(frame, offset, shift, 1.0 + float(chance.uniform(-pace, pace)))


@cache
def _bounds(start: float, inside: float) -> DemonstrationSettings:
    whole = DemonstrationSettings()
    slowest, fastest = whole.speed
    return DemonstrationSettings(
        inside=inside,
        moved=1.0 if start else 0.0,
        left=start * whole.left,
        heading=start * whole.heading,
        speed=(1 - start * (1 - slowest), 1 + start * (fastest - 1)),
        push=start * whole.push,
    )
