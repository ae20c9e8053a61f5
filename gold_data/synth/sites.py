"""Where in the record's world frame a place lies: thousands of metres from its origin, turned, on a gentle slope."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from gold_data.synth.curves import Array


@dataclass(frozen=True)
class Site:
    """A turn (rad) and shift (3,) m of the place's own frame, and the slope (rise per metre of its x and y)."""

    turn: float
    origin: tuple[float, float, float]
    slope: tuple[float, float]

    def ground(self, points: Array) -> Array:
        """World coordinates (..., 3) of points (..., 2) of the place.

        Written out per coordinate, so that the same point gives the same bits in whichever array it stands.
        """
        x, y = points[..., 0], points[..., 1]
        return np.stack(
            [
                cos(self.turn) * x - sin(self.turn) * y + self.origin[0],
                sin(self.turn) * x + cos(self.turn) * y + self.origin[1],
                self.slope[0] * x + self.slope[1] * y + self.origin[2],
            ],
            axis=-1,
        )

    def headings(self, headings: Array) -> Array:
        """World headings in [-pi, pi)."""
        return (headings + self.turn + pi) % (2 * pi) - pi


def draw_site(random: np.random.Generator) -> Site:
    """A site within 9 km of the origin with a slope of at most 1.5 %."""
    x, y, z = random.uniform(-9000, 9000), random.uniform(-9000, 9000), random.uniform(-50, 150)
    return Site(random.uniform(-pi, pi), (x, y, z), (random.uniform(-0.01, 0.01), random.uniform(-0.01, 0.01)))
