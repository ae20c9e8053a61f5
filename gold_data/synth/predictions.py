"""What WOMD's prediction challenges ask for: up to eight tracks to predict, and two that interact."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gold_data.synth.kinds import ObjectType
from gold_data.womd.messages import RequiredPrediction, Track

MOST = 8
"""Tracks to predict in a record."""

LEAST_FUTURE = 0.62
"""Share of the steps after the current one at which a track to predict is seen."""

LEAST_MOVED = 5.0
"""Metres between the first and last position of a track to predict."""

INTERACTING = 10.0
"""Metres that two objects of interest come near each other at some step."""

EASY, HARD = 6.0, 45.0
"""Metres by which going on as before misses where a track ends: the limits of difficulties 0 (none), 1 and 2."""


def choose_predicted(tracks: tuple[Track, ...], current: int, first: tuple[int, ...]) -> tuple[RequiredPrediction, ...]:
    """The tracks to predict, the SDC excepted: those with the ids `first`, then the liveliest."""
    found = _candidates(tracks, current)
    found.sort(key=lambda index: (tracks[index].id not in first, -_moved(tracks[index])))
    return tuple(RequiredPrediction(index, _difficulty(tracks[index], current)) for index in found[:MOST])


def choose_interesting(tracks: tuple[Track, ...], current: int) -> tuple[int, ...]:
    """The ids of the two candidates that come nearest each other, if that is near enough; else none."""
    nearest: tuple[float, tuple[int, ...]] = (INTERACTING, ())
    for one, other in combinations(_candidates(tracks, current), 2):
        both = tracks[one].states["valid"][current:] & tracks[other].states["valid"][current:]
        if both.any():
            apart = _positions(tracks[one])[current:][both] - _positions(tracks[other])[current:][both]
            distance = float(np.linalg.norm(apart, axis=1).min())
            nearest = min(nearest, (distance, (tracks[one].id, tracks[other].id)))
    return nearest[1]


def _candidates(tracks: tuple[Track, ...], current: int) -> list[int]:
    return [
        index
        for index, track in enumerate(tracks[:-1])
        if track.states["valid"][current]
        and track.states["valid"][current:].mean() >= LEAST_FUTURE
        and _moved(track) > LEAST_MOVED * (0.3 if track.object_type == ObjectType.PEDESTRIAN else 1.0)
    ]


def _positions(track: Track) -> NDArray[np.float64]:
    return np.stack([track.states["center_x"], track.states["center_y"]], axis=1)


def _moved(track: Track) -> float:
    there = _positions(track)[track.states["valid"]]
    return float(np.linalg.norm(there[-1] - there[0]))


def _difficulty(track: Track, current: int) -> int:
    last = int(np.flatnonzero(track.states["valid"])[-1])
    now, end = track.states[current], _positions(track)[last]
    seconds = (last - current) * 0.1
    ahead = _positions(track)[current] + seconds * np.array([now["velocity_x"], now["velocity_y"]], dtype=np.float64)
    missed = float(np.linalg.norm(end - ahead))
    return int(missed > EASY) + int(missed > HARD)
