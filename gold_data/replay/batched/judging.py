"""Reward, cost and ends of one step: gold_data.replay.reward and .ends to the bit, for kernels."""

from __future__ import annotations

import math
from typing import NamedTuple

from numba.extending import register_jitable

from gold_data.replay.batched.along import wrap

ARRIVAL, LEAVING, PENALTY = 5.0, -5.0, -1.0
"""What arriving gives, what being out of road costs, and what a contact or a solid line does."""
MAX_LATERAL = 4.0
"""m beside the route beyond which the ego is out of road."""
ARRIVED, TURNED_BACK = 0.95, -0.1
"""Shares of the route beyond which the ego has arrived, and below which it has turned back."""
MIN_ROUTE = 2.0
"""m below which every step is an arrival."""
VEHICLE, OBJECT, HUMAN, SOLID_LINE, OUT_OF_ROAD = 1, 2, 4, 8, 16
"""Bits of gold_data.replay.flags.Flag."""


class Standing(NamedTuple):
    """Where the ego stands in its task."""

    arrived: bool
    out_of_road: bool
    turned_back: bool


@register_jitable
def standing(longitude: float, lateral: float, length: float) -> Standing:
    """ScenarioEnv's tests of one step, m along and beside a route of `length` metres."""
    completion = longitude / length
    return Standing(
        completion > ARRIVED or length < MIN_ROUTE,
        abs(lateral) > MAX_LATERAL,
        completion < TURNED_BACK,
    )


@register_jitable
def is_terminated(now: Standing, to_record_end: bool) -> bool:
    """Whether the episode is over by what the ego did; where it goes on to the record's end an arrival does not."""
    return (now.arrived and not to_record_end) or ((now.out_of_road or now.turned_back) and not now.arrived)


@register_jitable
def driving_reward(
    before: float, longitude: float, lateral: float, route_heading: float, heading: float, steering: float, speed: float
) -> float:
    """The dense part, floored at 0: m made good since `before`, less penalties (see gold_data.replay.reward).

    Longitudes and lateral in m, headings in rad, the executed steering in [-1, 1], speed in m/s.
    """
    reward = longitude - before
    reward += -(abs(lateral) / MAX_LATERAL) * 0.5
    reward += -(wrap(abs(heading - route_heading)) / math.pi)
    reward += min(1 / max(speed, 1e-2) - abs(steering), 0.0) * 0.5
    return max(reward, 0.0)


@register_jitable
def reward(driving: float, flags: int, now: Standing) -> float:
    """The step's reward: the dense part, replaced by a contact's or a line's penalty, and that by an end's."""
    if now.arrived:
        return ARRIVAL
    if now.out_of_road:
        return LEAVING
    if flags & (SOLID_LINE | VEHICLE | OBJECT | HUMAN):
        return PENALTY
    return driving


@register_jitable
def cost(flags: int) -> float:
    """One for each kind of contact, and one for being out of road; lines cost nothing."""
    counted = 0.0
    for kind in (VEHICLE, OBJECT, HUMAN, OUT_OF_ROAD):
        if flags & kind:
            counted += 1.0
    return counted
