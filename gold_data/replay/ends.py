"""When an episode ends: arrival and leaving the road terminate it, the time limit truncates it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gold_data.replay.navigation import MAX_LATERAL
from gold_data.replay.route import Place
from gold_data.settings import EndSettings

ARRIVED = 0.95
"""Share of the route beyond which the ego has arrived (ScenarioEnv._is_arrive_destination)."""

MIN_ROUTE = 2.0
"""Metres below which MetaDrive takes a route for a standing car's, and every step for an arrival."""


@dataclass(frozen=True)
class Standing:
    """Where the ego stands in its task."""

    arrived: bool
    out_of_road: bool
    turned_back: bool


def standing(place: Place, length: float) -> Standing:
    """ScenarioEnv's tests of one step: `place` on a route of `length` metres."""
    return Standing(
        arrived=place.longitude / length > ARRIVED or length < MIN_ROUTE,
        out_of_road=abs(place.lateral) > MAX_LATERAL,
        turned_back=place.longitude / length < -0.1,
    )


def step_limit(frames: int, settings: EndSettings) -> int:
    """Steps after which an episode is cut off, for an ego recorded over `frames` frames.

    On to the record's end there are as many steps as there are frames to reach; to arrive there is one more, in which
    the traffic is gone already.
    """
    if settings.end == "record":
        return frames - 1
    return math.ceil(round(frames * settings.limit, 6))


def terminated(now: Standing, settings: EndSettings) -> bool:
    """Whether the episode is over by what the ego did. With `end = record` an arrival does not end it."""
    left = now.out_of_road or now.turned_back
    return (now.arrived and settings.end == "arrival") or (left and not now.arrived)
