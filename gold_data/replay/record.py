"""Two ways to drive the record: teleported along it (log replay), or steered along it (tracked)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.drive import Drive, Outcome
from gold_data.replay.rollout import Rollout
from gold_data.replay.scene import Description
from gold_data.replay.tracker import Tracker
from gold_data.settings import TrackerSettings


def track_record(
    drive: Drive, description: Description, ego_id: str, settings: TrackerSettings, on_step: Callable[[int], None]
) -> Rollout:
    """Drive the ego along its record with the tracker; `on_step` is told each step's number before it is driven."""
    outcome = drive.reset(description, ego_id)
    tracker = Tracker(drive.scene, settings)

    def choose(step: int, last: NDArray[np.float64]) -> NDArray[np.float64]:
        return tracker.action(step, outcomes[-1].readings, float(last[0]))

    outcomes = [outcome]
    return _driven(drive, outcomes, choose, on_step)


def replay_record(drive: Drive, description: Description, ego_id: str, on_step: Callable[[int], None]) -> Rollout:
    """Log replay: `drive`'s engine must put the ego on its record. Its actions, (0, 0), are executed by nobody."""
    return _driven(drive, [drive.reset(description, ego_id)], lambda step, last: np.zeros(2), on_step)


def _driven(
    drive: Drive,
    outcomes: list[Outcome],
    choose: Callable[[int, NDArray[np.float64]], NDArray[np.float64]],
    on_step: Callable[[int], None],
) -> Rollout:
    actions = [np.zeros(2)]
    while not (outcomes[-1].terminated or outcomes[-1].truncated):
        on_step(drive.steps + 1)
        actions.append(choose(drive.steps, actions[-1]))
        outcomes.append(drive.step(actions[-1]))
    executed = np.array(actions[1:], np.float32)
    return Rollout(
        observations=np.array([outcome.observation for outcome in outcomes]),
        actions=executed,
        expert_actions=executed,
        rewards=np.array([outcome.reward for outcome in outcomes[1:]], np.float32),
        costs=np.array([outcome.cost for outcome in outcomes[1:]], np.float32),
        flags=np.array([outcome.flags for outcome in outcomes[1:]], np.uint16),
        contact_bearing=np.array([outcome.contact_bearing for outcome in outcomes[1:]], np.float32),
        ego_state=np.array([drive.ego_state(outcome.readings) for outcome in outcomes]),
        log_state=drive.log_state(),
        terminated=outcomes[-1].terminated,
        truncated=outcomes[-1].truncated,
        arrived=outcomes[-1].arrived,
        route_length=drive.scene.route.length,
        start=drive.scene.start,
        start_offset=(0.0, 0.0, 0.0, 0.0),
        noise=0.0,
    )
