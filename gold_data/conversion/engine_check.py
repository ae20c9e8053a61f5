"""How the batched engine's episodes differ from MetaDrive's: a share of them, by hash, is driven in both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gold_data.chance import hashed
from gold_data.conversion.rows import EpisodeCheck
from gold_data.replay import Rollout
from gold_data.settings import CheckSettings
from gold_data.shards import EngineCheck

REWARD_TOLERANCE = 1e-3
"""Rewards that are further apart count as different."""


def is_checked(scenario: str, ego: str, demonstration: int, settings: CheckSettings) -> bool:
    """Whether an episode is among those that are driven in MetaDrive as well: by a hash of its name."""
    return bool(int(hashed(f"{scenario}/{ego}/{demonstration}", settings.key), 16) < settings.share * 2**128)


def compare(scenario: str, ego: str, demonstration: int, own: Rollout, reference: Rollout | None) -> EpisodeCheck:
    """One episode that the tracker drove in both engines, over the steps of both; None where MetaDrive failed."""
    if reference is None:
        return EpisodeCheck(scenario=scenario, ego=ego, demonstration=demonstration, failed=True)
    steps = min(own.length, reference.length)
    apart = (own.ego_state[: steps + 1] - reference.ego_state[: steps + 1])[:, :2]
    rewards = np.abs(own.rewards[:steps] - reference.rewards[:steps])
    return EpisodeCheck(
        scenario=scenario,
        ego=ego,
        demonstration=demonstration,
        steps=steps,
        position_max=float(np.max(np.hypot(apart[:, 0], apart[:, 1]))),
        rewards_off=int(np.sum(rewards > REWARD_TOLERANCE)),
        flags_off=int(np.sum(own.flags[:steps] != reference.flags[:steps])),
        end_off=(own.length, own.arrived) != (reference.length, reference.arrived),
    )


def summarise(checks: Sequence[EpisodeCheck], settings: CheckSettings) -> EngineCheck:
    """All of them together, and whether they are within the settings' bounds."""
    driven = [check for check in checks if not check.failed]
    steps = sum(check.steps for check in driven)
    furthest = np.array([check.position_max for check in driven] or [0.0])
    found = {
        "position_p95": float(f"{np.quantile(furthest, 0.95):.6g}"),
        "rewards_off": float(f"{sum(check.rewards_off for check in driven) / max(steps, 1):.6g}"),
        "flags_off": float(f"{sum(check.flags_off for check in driven) / max(steps, 1):.6g}"),
        "ends_off": float(f"{sum(check.end_off for check in driven) / max(len(driven), 1):.6g}"),
    }
    bounds = {
        "position_p95": settings.max_position,
        "rewards_off": settings.max_rewards_off,
        "flags_off": settings.max_flags_off,
        "ends_off": settings.max_ends_off,
    }
    return EngineCheck(
        episodes=len(driven),
        failed=len(checks) - len(driven),
        steps=steps,
        position_median=float(f"{np.median(furthest):.6g}"),
        position_max=float(f"{np.max(furthest):.6g}"),
        **found,
        beyond=tuple(name for name, value in found.items() if value > bounds[name]),
    )
