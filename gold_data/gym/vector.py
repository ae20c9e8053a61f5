"""Many environments at once, in the batched engine."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.utils.seeding import np_random
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from gold_data.errors import SceneError, SettingsError
from gold_data.gym.order import SceneOrder
from gold_data.gym.scenes import EgoScene
from gold_data.gym.single import check_options, scene_numbers
from gold_data.gym.spaces import ChosenBlocks, action_space
from gold_data.replay.batched.batch import Batch
from gold_data.replay.batched.expert import Expert
from gold_data.replay.batched.following import CompiledReference, compile_reference
from gold_data.replay.scene import Scene
from gold_data.replay.variation import Variation
from gold_data.settings import ConvertSettings

OPTIONS = ("scene", "reset_mask", "variation")


class DrivingVectorEnv(VectorEnv[NDArray[np.float32], NDArray[Any], NDArray[Any]]):
    """What gymnasium's SyncVectorEnv of as many DrivingEnv does with AutoresetMode.SAME_STEP, in one call.

    In the step in which an episode ends the next one begins: its observation and info are given, and the last ones of
    the episode that ended are in info["final_obs"] and info["final_info"]. `info` is as DrivingEnv's, one row an
    environment, with gymnasium's masks (`_cost`, ...). Rewards are float32. Each environment has an order of scenes
    of its own, which its seed alone decides.

    An episode can be varied: `frames` is then its own, and expert_actions are NaN where the record's timing is not the
    one to drive by. The one after it is as recorded, unless it is varied too.
    """

    def __init__(
        self,
        scenes: Iterable[EgoScene],
        number: int,
        settings: ConvertSettings,
        *,
        blocks: Sequence[str] | None = None,
        expert: bool = False,
    ) -> None:
        """`number` environments; `blocks` names what of the observation is given, in this order; `expert` asks for
        expert_actions.

        Raises SceneError for no environment, no scene, and a scene that cannot be driven, SettingsError for a block
        that there is not.
        """
        made: list[tuple[str, str, float, int]] = []
        references: list[CompiledReference] = []

        def one_by_one() -> Iterator[Scene]:
            for scene in scenes:
                ready = scene.made()
                made.append((ready.scenario_id, ready.ego_id, ready.route.length, ready.frames))
                if expert:
                    references.append(compile_reference(ready, settings.tracker))
                yield ready

        self._batch = Batch(one_by_one(), number, settings)
        self._expert = Expert(references, number, settings.tracker) if expert else None
        self._chosen = ChosenBlocks(settings, blocks)
        self.metadata = {"render_modes": [], "autoreset_mode": AutoresetMode.SAME_STEP}
        self.single_observation_space = self._chosen.space
        self.single_action_space = action_space()
        self._of_scenes = {
            "scene": np.arange(len(made)),
            "scenario_id": np.array([scenario for scenario, *_ in made], object),
            "ego_id": np.array([ego for _, ego, *_ in made], object),
            "route_length": np.array([length for *_, length, _ in made]),
            "frames": np.array([frames for *_, frames in made]),
        }
        self._begin_none(number)

    def another(self, number: int) -> DrivingVectorEnv:
        """As many environments in the same scenes, which are not compiled again. Raises SceneError for none."""
        made = copy.copy(self)
        made._batch = self._batch.another(number)
        made._expert = self._expert and self._expert.another(number)
        made._begin_none(number)
        return made

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode in every environment, each in the next scene of its order.

        Environment k has the seed `seed + k`, as in SyncVectorEnv, or the k-th of those given. options: `scene` (a
        number, or one an environment, which leaves the orders where they are), `reset_mask` ((B,) of bool: the others
        drive on) and `variation` (B times a gold_data.replay.Variation or None). With the last one, `info` has varied:
        false where there is none, and where the ego would have touched somebody at once, so that the episode begins as
        its record does. Raises SettingsError for an option that there is not or that does not fit, SceneError for a
        variation that its record has no room for.
        """
        super().reset(seed=seed if isinstance(seed, int) else None)
        options = options or {}
        check_options(options, OPTIONS)
        mask = self._mask(options.get("reset_mask"))
        which = np.flatnonzero(mask)
        if "scene" in options:
            scenes = self._asked(options["scene"])[which]
        self._seed(which, self._seeds(seed))
        if "scene" not in options:
            scenes = self._next(which)
        variations = self._variations(options.get("variation"), which)
        varied = self._begin(which, scenes, variations)
        infos = self._infos(mask)
        if variations:
            infos |= {"varied": np.zeros(self.num_envs, bool), "_varied": mask.copy()}
            infos["varied"][which] = varied
        return self._chosen(self._batch.results.observations), infos

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Drive all on by 0.1 s with (B, 2) steering and throttle, clipped to [-1, 1] and rounded to float32.

        Raises SceneError for actions of another shape or that are no numbers, ResetNeeded before the first reset.
        """
        if (self._scenes < 0).any():
            raise ResetNeeded("there is no episode yet in some environment: call reset before step")
        given = np.asarray(actions, np.float64)
        if given.shape != (self.num_envs, 2):
            raise SceneError(f"actions of shape {given.shape}: give two numbers for each of {self.num_envs}")
        self._batch.step(given)
        self._ask_expert(np.arange(self.num_envs))
        results = self._batch.results
        rewards, terminated, truncated = results.rewards.copy(), results.terminated.copy(), results.truncated.copy()
        ended = terminated | truncated
        infos = self._begin_anew(ended) if ended.any() else {}
        infos |= self._infos(np.ones(self.num_envs, bool))
        return self._chosen(results.observations), rewards, terminated, truncated, infos

    def _begin_none(self, number: int) -> None:
        self.num_envs = number
        self.observation_space = batch_space(self.single_observation_space, number)
        self.action_space = batch_space(self.single_action_space, number)
        self._scenes = np.full(number, -1)
        self._frames, self._untimed = np.zeros(number, np.int64), np.zeros(number, bool)
        self._wishes = np.zeros((number, 2), np.float32)
        self._orders: dict[int, SceneOrder] = {}
        self._np_random = None

    def _begin_anew(self, ended: NDArray[np.bool_]) -> dict[str, Any]:
        """Begin the next episode of those that ended; what is to be told of their last step."""
        which = np.flatnonzero(ended)
        last = np.full(self.num_envs, None, object)
        for index, observation in zip(which, self._chosen(self._batch.results.observations[which]), strict=True):
            last[index] = observation
        infos = {"final_obs": last, "final_info": self._infos(ended)}
        self._begin(which, self._next(which))
        return infos | {f"_{name}": ended.copy() for name in infos}

    def _begin(
        self, which: NDArray[np.int64], scenes: NDArray[np.int64], variations: Sequence[Variation | None] = ()
    ) -> NDArray[np.bool_]:
        varied = self._batch.reset(which, scenes, variations)
        self._scenes[which], self._frames[which] = scenes, self._of_scenes["frames"][scenes]
        self._untimed[which] = False
        for index, variation, kept in zip(which.tolist(), variations, varied.tolist(), strict=bool(variations)):
            if variation and kept:
                self._frames[index] = variation.frames(int(self._frames[index]))
                self._untimed[index] = not variation.keeps_time
        if self._expert:
            self._expert.begin(self._batch, which, scenes)
        self._ask_expert(which)
        return varied

    def _ask_expert(self, which: NDArray[np.int64]) -> None:
        if self._expert:
            self._wishes[which] = self._expert.actions(self._batch, which)
            self._wishes[self._untimed] = np.nan

    def _next(self, which: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array([next(self._orders[index]) for index in which.tolist()], np.int64)

    def _seed(self, which: NDArray[np.int64], seeds: Sequence[int | None]) -> None:
        scenes = len(self._of_scenes["scene"])
        for index in which.tolist():
            if seeds[index] is not None or index not in self._orders:
                self._orders[index] = SceneOrder(scenes, np_random(seeds[index])[0])

    def _seeds(self, seed: int | Sequence[int | None] | None) -> Sequence[int | None]:
        if seed is None:
            return [None] * self.num_envs
        seeds = [seed + index for index in range(self.num_envs)] if isinstance(seed, int) else list(seed)
        if len(seeds) != self.num_envs:
            raise SettingsError(f"{len(seeds)} seeds for {self.num_envs} environments; give one, or one for each.")
        return seeds

    def _mask(self, asked: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        if asked is None:
            return np.ones(self.num_envs, bool)
        if np.shape(asked) != (self.num_envs,) or np.asarray(asked).dtype != bool or not np.any(asked):
            raise SettingsError(f"reset_mask: give {self.num_envs} times True or False, True at least once.")
        return np.array(asked)

    def _variations(
        self, asked: Sequence[Variation | None] | None, which: NDArray[np.int64]
    ) -> Sequence[Variation | None]:
        if asked is None:
            return ()
        if len(asked) != self.num_envs or not all(one is None or isinstance(one, Variation) for one in asked):
            raise SettingsError(f"variation: give {self.num_envs} times a gold_data.replay.Variation or None.")
        return [asked[index] for index in which.tolist()]

    def _asked(self, scenes: Any) -> NDArray[np.int64]:
        numbers = scene_numbers(scenes, len(self._of_scenes["scene"]))
        if numbers.shape not in ((), (self.num_envs,)):
            raise SettingsError(f"{numbers.size} scenes for {self.num_envs} environments; give one, or one for each.")
        return np.broadcast_to(numbers, self.num_envs)

    def _infos(self, mask: NDArray[np.bool_]) -> dict[str, Any]:
        """Gymnasium's form: an array by name, with a mask of whose rows are told."""
        results = self._batch.results
        told = {
            "cost": results.costs.astype(np.float64),
            "flags": results.flags.astype(np.int64),
            "contact_bearing": np.nan_to_num(results.contact_bearings).astype(np.float64),
            "arrived": results.arrived.copy(),
            "completion": self._batch.longitudes / self._of_scenes["route_length"][self._scenes],
            "speed": self._batch.speeds,
            **{name: values[self._scenes] for name, values in self._of_scenes.items()},
            "frames": self._frames.copy(),
        }
        if self._expert:
            told["expert_actions"] = self._wishes.copy()
        for values in told.values():
            values[~mask] = None if values.dtype == object else 0
        return told | {f"_{name}": mask.copy() for name in told}
