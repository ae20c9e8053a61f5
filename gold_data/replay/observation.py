"""The observation vector: which blocks it has, what each number is called, and the digest that tells two layouts apart.

Blocks are added at the end and never changed; one that changes gets a new name. A policy names the blocks that it
reads, with their digests. The first four, in this order, are MetaDrive's own vector (LidarStateObservation).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from gold_data.replay import navigation, pace


@dataclass(frozen=True)
class Block:
    """A named run of numbers; each lies in [low, high]."""

    name: str
    names: tuple[str, ...]
    meaning: str
    low: float = 0.0
    high: float = 1.0

    @property
    def size(self) -> int:
        """How many numbers."""
        return len(self.names)

    @property
    def digest(self) -> str:
        """SHA-256 of everything that is said of the block, 64 hex digits."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


SIDE = Block(
    "side",
    tuple(f"side_{30 * ray}" for ray in range(12)),
    "MetaDrive's side detector: share of 50 m to the nearest solid line or road edge, every 30 degrees,"
    " counter-clockwise from the left",
)
EGO = Block(
    "ego",
    ("heading", "speed", "steering", "last_steering", "last_throttle", "yaw_rate", "lateral"),
    "MetaDrive's vehicle state: heading against the route, (km/h + 1)/(max + 1), steering/60 as (. + 1)/2, the last"
    " action as (. + 1)/2, |yaw rate| (rad/s), lateral offset (right positive) over 4.5 m",
)
NAVIGATION_STOCK = Block(
    "navigation_stock",
    tuple(f"stock_{k}" for k in range(22)),
    "MetaDrive 0.4.3's navigation, bit for bit: nine way-points' forward coordinate twice, lateral, heading error,"
    " 0, 0",
)
NAVIGATION = Block(
    "navigation",
    navigation.NAMES,
    "ten way-points 2 m apart as (forward, left) over 30 m, lateral offset over 4 m (right positive), heading error"
    " over pi; all as (. + 1)/2",
)
PACE = Block(
    "pace",
    pace.NAMES,
    "share of the record's time and of its route left, mean speed needed to arrive in time over max_speed, that minus"
    " the own speed as (. + 1)/2",
)
MOTION = Block(
    "motion",
    ("yaw_rate", "acceleration", "left_velocity"),
    "yaw rate (left positive) over 2 rad/s, forward acceleration since the last step over 20 m/s2, sideways velocity"
    " (left positive) over 10 m/s; all as 0.5 + .",
)
NEIGHBOURS = Block(
    "neighbours",
    tuple(
        f"neighbour_{k}_{what}"
        for k in range(8)
        for what in ("present", "forward", "left", "forward_velocity", "left_velocity", "length", "person")
    ),
    "the 8 road users nearest to the ego's middle within 50 m, the nearest first: 1, place (forward, left) over 50 m"
    " and velocity relative to the ego's (forward, left) over max_speed as (. + 1)/2, recorded length over 20 m, 1 for"
    " pedestrians and cyclists; seven zeros where there is nobody",
)
SIGNAL = Block(
    "signal",
    ("distance", "green", "yellow", "red", "flashing", "unknown"),
    "the nearest stop point within 50 m ahead of the ego's middle along the route, of a lane that the route follows:"
    " distance over 50 m (1: none), and 1 at its colour: green, yellow, red, flashing, unknown",
)
SPEED_LIMIT = Block(
    "speed_limit",
    ("known", "limit"),
    "of the lane nearest to the route beside the ego that runs with it: 1 if its limit is known, the limit over"
    " 160 km/h (0: not known)",
)

CONFLICT = Block(
    "conflict",
    (
        *(f"time_{station}" for station in range(17)),
        *("leader_gap", "leader_speed", "crossing", "crossing_distance", "crossing_time"),
    ),
    "17 stations every 2.5 m along the route from the ego's front on, straight on behind the route's end: share of 5 s"
    " until a road user that keeps its velocity has its body within the ego's half width and 0.25 m of the station (0:"
    " now, 1: nobody). Left out is who runs into the ego's middle before, and who moves along the route within 6"
    " degrees and beside it. Of who is at a station now and has the least gap: gap to the ego's front along the route"
    " over 40 m, speed along the route over max_speed as (. + 1)/2 (1, 1: nobody). Of the first station where the ego,"
    " at its forward speed but at least 3 m/s, and somebody who is at no station now are less than 1.5 s apart: 1, its"
    " distance over 40 m, share of 5 s until somebody is there (0, 1, 1: none)",
)


def lidar(rays: int) -> Block:
    """MetaDrive's lidar with `rays` rays."""
    return Block(
        "lidar",
        tuple(f"lidar_{ray}" for ray in range(rays)),
        "MetaDrive's lidar: share of 50 m to the nearest road user, counter-clockwise from straight ahead",
    )


def blocks(lidar_rays: int) -> tuple[Block, ...]:
    """Every block of an observation, in order."""
    return (
        SIDE,
        EGO,
        NAVIGATION_STOCK,
        lidar(lidar_rays),
        NAVIGATION,
        PACE,
        MOTION,
        NEIGHBOURS,
        SIGNAL,
        SPEED_LIMIT,
        CONFLICT,
    )


def slices(layout: Sequence[Block]) -> dict[str, slice]:
    """Where each block stands in the vector."""
    found, start = {}, 0
    for block in layout:
        found[block.name] = slice(start, start + block.size)
        start += block.size
    return found


def digest(layout: Sequence[Block]) -> str:
    """SHA-256 over the blocks' digests in order."""
    return hashlib.sha256("".join(block.digest for block in layout).encode()).hexdigest()
