"""Where a dataset's episodes were driven, to be driven in again: one form for driving and for the toy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from gymnasium.vector import VectorEnv

from gold_data.shards import ObservationBlock


@dataclass(frozen=True)
class Task:
    """One scene that can be driven, number k of its world."""

    scenario_id: str
    ego_id: str
    frames: int  # L, recorded frames of the ego, 0.1 s apart
    route_length: float  # m; NaN where nothing is recorded to follow, as in the toy
    turn: float  # rad of heading, first to last of the record; NaN as above
    cluster: str  # what is not independent shares it: the drive that the record was cut from


class World(Protocol):
    """Scenes in a fixed order, and environments to drive them in."""

    blocks: tuple[ObservationBlock, ...]
    tasks: tuple[Task, ...]

    def environments(self, number: int) -> VectorEnv[Any, Any, Any]:
        """`number` environments (gymnasium, SAME_STEP), time limit 1.5 x the recorded length.

        reset(options={"scene": (B,) numbers of tasks, "reset_mask": (B,)}), and "variation" as DrivingVectorEnv has it
        where the world was opened to vary its episodes. `info` tells of each environment cost,
        flags (gold_data.replay.Flag), contact_bearing (rad, 0 where `flags` name no contact), arrived, scene,
        completion (share of the route), speed (m/s); and, where the world was opened to tell them, expert_actions (A,):
        what the tracker that follows the record would do now.
        """
        ...

    def alone(self, number: int) -> World:
        """The world of that task alone, its number 0: can be pickled, so that it is driven in a process of its own."""
        ...
