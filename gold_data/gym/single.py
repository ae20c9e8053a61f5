"""One environment, in either engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from gold_data.errors import SceneError, SettingsError
from gold_data.gym.order import SceneOrder
from gold_data.gym.scenes import EgoScene
from gold_data.gym.spaces import ChosenBlocks, action_space
from gold_data.replay import Drive, Engine, Outcome, StartOffset, Tracker
from gold_data.settings import ConvertSettings, SimulatorSettings

OPTIONS = ("scene", "start", "offset")


class DrivingEnv(gymnasium.Env[NDArray[np.float32], NDArray[Any]]):
    """Drives one scene after the other; `Drive` says what a step gives and when an episode ends.

    Rewards, costs and ends are those of the dataset; the time limit is settings.ends.limit, 1.5 to evaluate. `info`
    has cost, flags (gold_data.replay.Flag as a number), contact_bearing (rad in the ego's frame, left positive; 0 where
    `flags` name no contact), arrived (at this step or before), completion (share of the route that lies behind), speed
    (m/s), scene (its number in `scenes`), scenario_id, ego_id, route_length (m) and frames (of the record, from the
    start on). Where it is asked for, it also has expert_actions: (2,) steering and throttle that the tracker would take
    from what is seen now.
    """

    def __init__(
        self,
        scenes: Iterable[EgoScene],
        settings: ConvertSettings,
        *,
        engine: Literal["batched", "metadrive"] = "batched",
        blocks: Sequence[str] | None = None,
        expert: bool = False,
    ) -> None:
        """`blocks` names what of the observation is given, in this order; `expert` asks for expert_actions. MetaDrive
        allows one engine a process.

        Raises SceneError for no scene, SettingsError for an engine or a block that there is not.
        """
        self.scenes = tuple(scenes)
        if not self.scenes:
            raise SceneError("there is no scene to drive in: give at least one")
        self._chosen = ChosenBlocks(settings, blocks)
        self.observation_space = self._chosen.space
        self.action_space = action_space()
        self._drive = Drive(_engine(engine, settings.simulator), settings)
        self._order: SceneOrder | None = None
        self._number: int | None = None
        self._tracking = settings.tracker if expert else None
        self._tracker: Tracker | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode in the next scene of an order that the seed decides.

        options: `scene` (a number, which leaves the order where it is), `start` (frame of the scene's description) and
        `offset` (StartOffset). Raises SettingsError for an option that there is not or that does not fit, and
        SceneError for a scene that no engine can drive.
        """
        super().reset(seed=seed)
        options = options or {}
        check_options(options, OPTIONS)
        if self._order is None or seed is not None:
            self._order = SceneOrder(len(self.scenes), self.np_random)
        number = scene_numbers(options["scene"], len(self.scenes)).item() if "scene" in options else next(self._order)
        chosen = self.scenes[number]
        chosen = replace(
            chosen, start=int(options.get("start", chosen.start)), offset=_offset(options.get("offset", chosen.offset))
        )
        chosen.check()
        outcome = self._drive.reset(chosen.description, chosen.ego_id, chosen.start, chosen.offset)
        self._number = number
        if self._tracking:
            self._tracker = Tracker(self._drive.scene, self._tracking)
        return self._chosen(outcome.observation), self._info(outcome)

    def step(self, action: NDArray[Any]) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Drive on by 0.1 s with (steering, throttle), clipped to [-1, 1] and rounded to float32.

        Raises SceneError for an action that is not two numbers, ResetNeeded before the first reset.
        """
        if self._number is None:
            raise ResetNeeded("there is no episode yet: call reset before step")
        outcome = self._drive.step(action)
        return (
            self._chosen(outcome.observation),
            float(outcome.reward),
            bool(outcome.terminated),
            bool(outcome.truncated),
            self._info(outcome),
        )

    def close(self) -> None:
        """Give the engine back."""
        self._drive.close()

    def _info(self, outcome: Outcome) -> dict[str, Any]:
        scene = self._drive.scene
        told: dict[str, Any] = {
            "cost": float(outcome.cost),
            "flags": int(outcome.flags),
            # 0 and not NaN: gymnasium's checker takes two infos with NaN for unequal.
            "contact_bearing": float(np.nan_to_num(np.float32(outcome.contact_bearing))),
            "arrived": bool(outcome.arrived),
            "completion": float(outcome.completion),
            "speed": float(np.hypot(*outcome.readings.velocity)),
            "scene": self._number,
            "scenario_id": scene.scenario_id,
            "ego_id": scene.ego_id,
            "route_length": float(scene.route.length),
            "frames": scene.frames,
        }
        if self._tracker:
            steps, steering = self._drive.steps, float(outcome.action[0])
            told["expert_actions"] = self._tracker.action(steps, outcome.readings, steering).astype(np.float32)
        return told


def check_options(options: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raise SettingsError for an option of `reset` that is not one of the known."""
    unknown = [name for name in options if name not in known]
    if unknown:
        raise SettingsError(f"there is no option {unknown[0]!r} to reset with; there are {', '.join(known)}.")


def scene_numbers(asked: Any, scenes: int) -> NDArray[np.int64]:
    """Numbers of scenes as they are asked for, of any shape. Raises SettingsError for one that there is not."""
    numbers = np.asarray(asked)
    if numbers.dtype.kind not in "iu" or not ((numbers >= 0) & (numbers < scenes)).all():
        raise SettingsError(f"scene {numbers.tolist()}: scenes are numbered from 0 to {scenes - 1}; ask for these.")
    return numbers.astype(np.int64)


def _offset(asked: Any) -> StartOffset | None:
    if asked is None or isinstance(asked, StartOffset):
        return asked
    raise SettingsError(f"offset {asked!r}: give a gold_data.replay.StartOffset.")


def _engine(name: str, settings: SimulatorSettings) -> Engine:
    if name == "batched":
        from gold_data.replay.batched.engine import Batched

        return Batched(settings)
    if name == "metadrive":
        from gold_data.replay.metadrive import MetaDrive

        return MetaDrive(settings)
    raise SettingsError(f"there is no engine {name!r}; choose batched or metadrive.")
