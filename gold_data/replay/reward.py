"""Reward and cost of one step: ScenarioEnv's, unchanged since June 2023 (metadrive/envs/scenario_env.py 0.4.3)."""

from __future__ import annotations

import math

from gold_data.replay.ends import Standing
from gold_data.replay.flags import Flag
from gold_data.replay.navigation import MAX_LATERAL, wrap
from gold_data.replay.route import Place

ARRIVAL = 5.0
OUT_OF_ROAD = -5.0
CONTACT = -1.0
SOLID_LINE = -1.0


def driving_reward(before: float, place: Place, heading: float, steering: float, speed: float) -> float:
    """The dense part, floored at 0: metres made good, less penalties for lying beside, turning and steering hard.

    `before` is the longitude (m) one step ago, `heading` the ego's (rad), `steering` the executed input in [-1, 1],
    `speed` in m/s. The heading term wraps the absolute difference of two angles, so that a difference of more than pi
    between them turns the penalty into a bonus of the same size: MetaDrive's own numbers, kept.
    """
    reward = place.longitude - before
    reward += -(abs(place.lateral) / MAX_LATERAL) * 0.5
    reward += -(wrap(abs(heading - place.heading)) / math.pi)
    reward += min(1 / max(speed, 1e-2) - abs(steering), 0) * 0.5
    return max(reward, 0.0)


def reward(driving: float, flags: Flag, now: Standing) -> float:
    """The step's reward: the dense part, replaced by a contact's or a line's penalty, and that by an end's."""
    if now.arrived:
        return ARRIVAL
    if now.out_of_road:
        return OUT_OF_ROAD
    if flags & Flag.SOLID_LINE:
        return SOLID_LINE
    if flags & Flag.contact():
        return CONTACT
    return driving


def cost(flags: Flag) -> float:
    """One for each kind of contact, and one for being out of road; lines cost nothing."""
    counted = (Flag.CONTACT_VEHICLE, Flag.CONTACT_OBJECT, Flag.CONTACT_HUMAN, Flag.OUT_OF_ROAD)
    return float(sum(bool(flags & kind) for kind in counted))
