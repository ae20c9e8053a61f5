"""A single environment as a vector of one, for an engine whose resets are dear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import Env
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray


class VectorOfOne(VectorEnv[NDArray[np.float32], NDArray[Any], NDArray[Any]]):
    """SAME_STEP over one environment that begins in the scene it is asked for, and there always in the same way.

    When an episode ends, the next one begins in the same scene. What is seen at its start is then known already: the
    environment itself is reset only if that episode is driven, and not where another scene is asked for first.
    """

    def __init__(self, env: Env[NDArray[np.float32], NDArray[Any]]) -> None:
        self._env = env
        self.num_envs = 1
        self.metadata = {**env.metadata, "autoreset_mode": AutoresetMode.SAME_STEP}
        self.single_observation_space, self.single_action_space = env.observation_space, env.action_space
        self.observation_space = batch_space(env.observation_space, 1)
        self.action_space = batch_space(env.action_space, 1)
        self._start: tuple[NDArray[np.float32], dict[str, Any]] | None = None
        self._ended = False

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode; options: `scene` and `reset_mask`, each for one environment."""
        own = dict(options or {})
        own.pop("reset_mask", None)
        if "scene" in own:
            own["scene"] = np.asarray(own["scene"]).reshape(-1)[0]
        self._start = self._env.reset(seed=seed if seed is None or isinstance(seed, int) else seed[0], options=own)
        self._ended = False
        return self._begun()

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Go on with (1, A) actions. Raises ResetNeeded before the first reset, and what the environment raises."""
        if self._start is None:
            raise ResetNeeded("there is no episode yet: call reset before step")
        if self._ended:
            self._env.reset(options={"scene": self._start[1]["scene"]})
            self._ended = False
        observation, reward, terminated, truncated, info = self._env.step(actions[0])
        infos: dict[str, Any] = {}
        self._ended = terminated or truncated
        if self._ended:
            infos = self._add_info({}, {"final_obs": observation, "final_info": info}, 0)
            observations, begun = self._begun()
        else:
            observations, begun = observation[None], self._add_info({}, info, 0)
        return observations, np.array([reward], float), np.array([terminated]), np.array([truncated]), infos | begun

    def close_extras(self, **_: Any) -> None:
        """Give the environment back."""
        self._env.close()

    def _begun(self) -> tuple[NDArray[np.float32], dict[str, Any]]:
        assert self._start is not None
        observation, info = self._start
        return observation[None].copy(), self._add_info({}, info, 0)
