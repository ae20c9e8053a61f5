"""The toy as gymnasium environments: one at a time, or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.spaces import Box
from gymnasium.utils.seeding import np_random
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from gold_data.errors import SettingsError
from gold_train.environments.point_mass import BLOCKS, EGO, LIMIT, Layout, Points


def observation_space() -> Box[np.float32]:
    """What a policy reads: the blocks of the toy."""
    low, high = (
        np.repeat(np.array([getattr(block, end) for block in BLOCKS], np.float32), [block.size for block in BLOCKS])
        for end in ("low", "high")
    )
    return Box(low, high, dtype=np.float32)


def action_space() -> Box[np.float32]:
    """Pushes along x and y."""
    return Box(-1.0, 1.0, (2,), np.float32)


class PointMassEnv(gymnasium.Env[NDArray[np.float32], NDArray[Any]]):
    """One point in one scene after the other; `info` is as DrivingEnv's, as far as the toy has it."""

    def __init__(self, layouts: Sequence[Layout]) -> None:
        """Raises SceneError for no scene."""
        self._points = Points(layouts, 1)
        self.observation_space, self.action_space = observation_space(), action_space()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode in a scene that is drawn, or in number options["scene"].

        Raises SettingsError for an option that there is not and a scene that there is not.
        """
        super().reset(seed=seed)
        asked = _asked(options, ("scene",), len(self._points.layouts))
        drawn = self.np_random.integers(len(self._points.layouts)) if asked is None else asked.item()
        self._points.begin(np.arange(1), np.array([drawn]))
        return self._points.observations[0], self._info()

    def step(self, action: NDArray[Any]) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Push the point; raises SceneError for what is not two numbers, ResetNeeded before the first reset."""
        if (self._points.scenes < 0).any():
            raise ResetNeeded("there is no episode yet: call reset before step")
        self._points.step(np.asarray(action, np.float64)[None])
        results = self._points.results
        ends = bool(results.terminated[0]), bool(results.truncated[0])
        return self._points.observations[0], float(results.rewards[0]), *ends, self._info()

    def _info(self) -> dict[str, Any]:
        return {name: values.item() for name, values in told(self._points).items()}


class PointMassVectorEnv(VectorEnv[NDArray[np.float32], NDArray[Any], NDArray[Any]]):
    """What gymnasium's SyncVectorEnv of as many PointMassEnv does with AutoresetMode.SAME_STEP, in one call."""

    def __init__(self, layouts: Sequence[Layout], number: int) -> None:
        """Raises SceneError for no scene and no environment."""
        self._points = Points(layouts, number)
        self.num_envs = number
        self.metadata = {"render_modes": [], "autoreset_mode": AutoresetMode.SAME_STEP}
        self.single_observation_space, self.single_action_space = observation_space(), action_space()
        self.observation_space = batch_space(self.single_observation_space, number)
        self.action_space = batch_space(self.single_action_space, number)
        self._random: dict[int, np.random.Generator] = {}

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode in every environment; seeds and options are DrivingVectorEnv's.

        Raises SettingsError for an option that there is not or that does not fit.
        """
        asked = _asked(options, ("scene", "reset_mask"), len(self._points.layouts))
        mask = np.asarray((options or {}).get("reset_mask", np.ones(self.num_envs, bool)))
        seeds = [seed + index for index in range(self.num_envs)] if isinstance(seed, int) else seed
        sizes = {"reset_mask": mask.size, "seed": self.num_envs if seeds is None else len(seeds)}
        for name, size in (sizes | ({} if asked is None or asked.shape == () else {"scene": asked.size})).items():
            if size != self.num_envs:
                raise SettingsError(f"{name}: give one for each of {self.num_envs} environments.")
        which = np.flatnonzero(mask)
        for index in which.tolist():
            own = None if seeds is None else seeds[index]
            if own is not None or index not in self._random:
                self._random[index] = np_random(own)[0]
        self._points.begin(which, self._drawn(which) if asked is None else np.broadcast_to(asked, mask.shape)[which])
        return self._points.observations, _masked(told(self._points), mask)

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Push all; raises SceneError for what is not (B, 2) numbers, ResetNeeded before the first reset."""
        if (self._points.scenes < 0).any():
            raise ResetNeeded("there is no episode yet in some environment: call reset before step")
        self._points.step(np.asarray(actions, np.float64))
        results = self._points.results
        rewards, terminated, truncated = results.rewards.copy(), results.terminated.copy(), results.truncated.copy()
        ended = terminated | truncated
        infos: dict[str, Any] = {}
        if ended.any():
            which = np.flatnonzero(ended)
            last = np.full(self.num_envs, None, object)
            for index, observation in zip(which, self._points.observations[which], strict=True):
                last[index] = observation
            infos = {"final_obs": last, "final_info": _masked(told(self._points), ended)}
            infos |= {f"_{name}": ended.copy() for name in infos}
            self._points.begin(which, self._drawn(which))
        infos |= _masked(told(self._points), np.ones(self.num_envs, bool))
        return self._points.observations, rewards, terminated, truncated, infos

    def _drawn(self, which: NDArray[np.int64]) -> NDArray[np.int64]:
        scenes = len(self._points.layouts)
        return np.array([self._random[index].integers(scenes) for index in which.tolist()], np.int64)


def told(points: Points) -> dict[str, NDArray[Any]]:
    """What `info` tells, one row a point."""
    results = points.results
    return {
        "cost": results.costs.astype(np.float64),
        "flags": results.flags.copy(),
        "contact_bearing": np.nan_to_num(results.contact_bearings),
        "arrived": points.arrived.copy(),
        "completion": points.completion,
        "speed": points.speed,
        "scene": points.scenes.copy(),
        "scenario_id": np.array([points.layouts[scene].name for scene in points.scenes.tolist()], object),
        "ego_id": np.full(len(points.scenes), EGO, object),
        "frames": np.full(len(points.scenes), LIMIT),
    }


def _masked(values: dict[str, NDArray[Any]], mask: NDArray[np.bool_]) -> dict[str, Any]:
    for column in values.values():
        column[~mask] = None if column.dtype == object else 0
    return values | {f"_{name}": mask.copy() for name in values}


def _asked(options: dict[str, Any] | None, known: Sequence[str], scenes: int) -> NDArray[np.int64] | None:
    unknown = [name for name in options or {} if name not in known]
    if unknown:
        raise SettingsError(f"there is no option {unknown[0]!r} to reset with; there are {', '.join(known)}.")
    if not options or "scene" not in options:
        return None
    numbers = np.asarray(options["scene"])
    if numbers.dtype.kind not in "iu" or not ((numbers >= 0) & (numbers < scenes)).all():
        raise SettingsError(f"scene {numbers.tolist()}: scenes are numbered from 0 to {scenes - 1}; ask for these.")
    return numbers.astype(np.int64)
