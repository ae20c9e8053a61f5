"""Road users as boxes that move for the length of a record, and the room between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.synth.curves import Array, Curve, leftwards
from gold_data.synth.kinds import ObjectType

MARGIN = 0.5
"""Metres that stay free between any two boxes."""


@dataclass(frozen=True)
class RoadUser:
    """A box of `size` (length, width, height; m) at `points` (T, 2) m with `headings` (T,) rad.

    All in the frame of the place, one row a step of the record; `present` (T,) says at which it is there.
    """

    type: ObjectType
    size: tuple[float, float, float]
    points: Array
    headings: Array
    present: NDArray[np.bool_]


def along(
    curve: Curve, stations: Array, lateral: float, type: ObjectType, size: tuple[float, float, float]
) -> RoadUser:
    """The road user that is at the given stations (T,) of a curve, `lateral` metres to its left.

    Present where a step of full speed to either side still lies on the curve: beyond its ends no velocity can be told.
    """
    points, headings = curve.at(stations)
    return RoadUser(
        type, size, points + lateral * leftwards(headings), headings, (stations > 4.0) & (stations < curve.length - 4.0)
    )


def without_contacts(users: list[RoadUser]) -> list[RoadUser]:
    """Those that can stay, earlier ones first, so that no two boxes present at the same step come within `MARGIN`."""
    touching = _touching(users)
    kept: list[int] = []
    for index in range(len(users)):
        if not touching[index, kept].any():
            kept.append(index)
    return [users[index] for index in kept]


def occupied(user: RoadUser) -> tuple[float, float]:
    """Length and width (m) that a road user takes at most, as recorded or as MetaDrive replays it (metadrive.md 1).

    MetaDrive gives vehicles one of four bodies by their length, people a cylinder, and cyclists a bar of 1.75 m that
    stands across their heading.
    """
    length, width, _ = user.size
    if user.type == ObjectType.PEDESTRIAN:
        body = (0.7, 0.7)
    elif user.type == ObjectType.CYCLIST:
        body = (1.75, 1.75)
    else:
        bodies = ((4.0, (4.30, 1.70)), (5.2, (4.60, 1.85)), (6.2, (4.87, 2.05)), (np.inf, (5.74, 2.30)))
        body = next(size for longest, size in bodies if length <= longest)
    return max(length, body[0]), max(width, body[1])


def _touching(users: list[RoadUser]) -> NDArray[np.bool_]:
    """Which pairs (N, N) come within the margin at some step: boxes overlap that are half a margin larger all round."""
    centres = np.array([user.points for user in users])
    headings = np.array([user.headings for user in users])
    present = np.array([user.present for user in users])
    halves = np.array([occupied(user) for user in users]) / 2 + MARGIN / 2
    first, second = np.triu_indices(len(users), 1)
    radii = np.hypot(*halves.T)
    # Most pairs never come near each other, which the ground that each covers shows at once.
    there = present[..., None]
    lowest = np.where(there, centres, np.inf).min(axis=1) - radii[:, None]
    highest = np.where(there, centres, -np.inf).max(axis=1) + radii[:, None]
    meet = (lowest[first] <= highest[second]).all(axis=-1) & (lowest[second] <= highest[first]).all(axis=-1)
    first, second = first[meet], second[meet]
    apart = centres[first] - centres[second]
    near = (apart**2).sum(axis=-1) < ((radii[first] + radii[second]) ** 2)[:, None]
    pair, step = np.nonzero(near & present[first] & present[second])
    a, b, between = first[pair], second[pair], -apart[pair, step]
    overlap = np.ones(len(pair), dtype=bool)
    for turn, own, other in ((headings[a, step], a, b), (headings[b, step], b, a)):
        relative = headings[other, step] - turn
        cos, sin = np.abs(np.cos(relative)), np.abs(np.sin(relative))
        forward = np.abs(between[:, 0] * np.cos(turn) + between[:, 1] * np.sin(turn))
        left = np.abs(between[:, 1] * np.cos(turn) - between[:, 0] * np.sin(turn))
        overlap &= forward < halves[own, 0] + cos * halves[other, 0] + sin * halves[other, 1]
        overlap &= left < halves[own, 1] + sin * halves[other, 0] + cos * halves[other, 1]
    touching = np.zeros((len(users), len(users)), dtype=bool)
    touching[a[overlap], b[overlap]] = True
    return touching | touching.T
