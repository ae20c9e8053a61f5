"""Guide and student drive: experience, one step of all environments at a time (algorithms 2.5)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gold_data.errors import SettingsError
from gold_data.replay import Variation
from gold_train.chance import Stream, generator
from gold_train.environments.world import World
from gold_train.errors import CheckpointError, TrainingError
from gold_train.online.curriculum import Curriculum
from gold_train.online.episodes import Ended, Episodes
from gold_train.online.explorer import Explorer
from gold_train.online.refusals import Refusals, named
from gold_train.online.rows import Rows, no_rows
from gold_train.online.scene_order import SceneOrder
from gold_train.online.schedules import Alone
from gold_train.online.variations import Variations
from gold_train.policies.acting import actor_of
from gold_train.policies.policy import Policy, target_returns

__all__ = ["Ended", "Rollouts"]

_TOLD = ("cost", "flags", "arrived")


class Rollouts:
    """E environments, each in an episode of its own; one that ends makes room for the next scene of the order.

    What is driven is a function of the seed, of the explorers and of the steps done, whatever the machine's speed.
    """

    def __init__(
        self,
        world: World,
        guide: Policy | None,
        columns: NDArray[np.int64],
        curriculum: Curriculum,
        order: SceneOrder,
        environments: int,
        seed: int,
        device: str | torch.device = "cpu",
        *,
        always_ask: bool = False,
        expert: bool = False,
        variations: Variations | None = None,
    ) -> None:
        """`columns` of the observation are the student's; the guide drives frozen and without noise.

        With `always_ask` the guide is asked at every step, else where it may act; with `expert` rows hold what the
        world's tracker would do, whoever drives; `variations` say how episodes differ from their records. Raises
        DatasetError where a block that the guide reads is lacking, SettingsError where no return can be asked for,
        SceneError as World does.
        """
        self._world, self._columns, self._order, self._seed = world, columns, order, seed
        self._curriculum = Alone() if guide is None else curriculum
        self._env = world.environments(environments)
        self._actions = int(np.prod(self._env.single_action_space.shape or (1,)))
        self._variations, self._varied, self._as_recorded = variations, 0, 0
        self._differs, self._touching = np.zeros((2, environments), bool)  # the episodes that are counted so
        longest = variations.longest if variations else 1.0
        self._episodes = Episodes(world.tasks, environments, self._actions, longest)
        self._guide_policy = guide
        self._guide = None if guide is None else actor_of(guide, world.blocks, environments, device)
        self._targets = _targets(guide, world)
        self._always_ask = always_ask and guide is not None
        self._next = 0  # number of the next episode
        self._observations: NDArray[np.float32] | None = None  # what is seen now; none before the first step
        self._expert_actions = np.full((environments, self._actions), np.nan, np.float32) if expert else None
        self._refused = Refusals(world.tasks, most=len(order.numbers))
        self.seconds = 0.0
        """Spent in `step`."""

    def step(self, explorer: Explorer, steps_done: int) -> tuple[Rows, list[Ended]]:
        """Drive all environments on by one step, `steps_done` having been made; its rows, and what ended with it.

        The rows are none where the simulator refused the scene. Raises TrainingError for an action that is no number.
        """
        began = time.perf_counter()
        try:
            return self._step(explorer, steps_done)
        finally:
            self.seconds += time.perf_counter() - began

    def measured(self) -> dict[str, int]:
        """Since the run began, episodes that were varied, and those that were to be and would have touched somebody."""
        if not self._variations:
            return {}
        return {"episodes_varied": self._varied, "episodes_touching_at_start": self._as_recorded}

    def refusals(self) -> list[str]:
        """What the simulator refused since the last time, a sentence each."""
        return self._refused.told()

    @property
    def refused(self) -> dict[int, str]:
        """Why the simulator refused scenes, by their numbers."""
        return self._refused.found

    def state(self) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """What going on needs: plain data, and tensors by name."""
        plain: dict[str, Any] = {"next": self._next, "refused": [[scene, why] for scene, why in self.refused.items()]}
        if self._variations:
            plain["varied"] = [self._varied, self._as_recorded]
        if self._observations is None:
            return plain, {}
        return plain, self._episodes.tensors() | {"observations": torch.from_numpy(self._observations.copy())}

    def restore(self, plain: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> None:
        """Drive the running episodes again to where they were, so that all goes on as if it had never stopped.

        Raises CheckpointError for a state of other rollouts, and where the simulator drives otherwise than it did.
        """
        try:
            self._next = int(plain["next"])
            if self._variations:
                self._varied, self._as_recorded = (int(count) for count in plain["varied"])
            self._refused.found = {int(scene): str(why) for scene, why in plain["refused"]}
            if tensors:
                self._drive_again({name: tensor.numpy() for name, tensor in tensors.items()})
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise CheckpointError(f"the rollouts' state cannot be read ({error}); take another checkpoint") from error

    def close(self) -> None:
        """Give the environments back."""
        self._env.close()

    def _step(self, explorer: Explorer, steps_done: int) -> tuple[Rows, list[Ended]]:
        if self._observations is None:
            self._begin(np.arange(self._env.num_envs), steps_done)
        seen, episodes = self._seen(), self._episodes
        timesteps = episodes.timesteps.copy()
        guided = self._curriculum.guided(timesteps, episodes.guide_steps, episodes.numbers, steps_done)
        asked = self._asked()
        guide_actions = np.full((len(seen), self._actions), np.nan, np.float32)
        if self._guide is not None and len(asked):
            guide_actions[asked] = self._guide.act(asked, seen[asked])
        actions = guide_actions.copy()
        own = np.flatnonzero(~guided)
        if len(own):
            noise = generator(self._seed, Stream.NOISE, steps_done).standard_normal(actions.shape, np.float32)
            actions[own] = explorer.act(seen[np.ix_(own, self._columns)], noise[own])
        self._check(actions, guided)
        expert_actions = None if self._expert_actions is None else self._expert_actions.copy()
        try:
            after, rewards, terminated, truncated, infos = self._env.step(actions)
        except Exception as error:  # a simulator raises whatever its scene leads it to
            self._refuse(error)
            self._begin(np.arange(1), steps_done)
            return no_rows(len(self._columns), self._actions), []
        ended = terminated | truncated
        rewards, told = np.asarray(rewards, np.float32), _told(infos, ended)
        if self._guide is not None and len(asked):
            self._guide.executed(asked, actions[asked], rewards[asked])
        episodes.note(np.arange(len(seen)), actions, guided, rewards, told)
        next_seen = np.take(after, self._columns, axis=1)
        for row in np.flatnonzero(ended).tolist():
            next_seen[row] = infos["final_obs"][row][self._columns]
        rows = Rows(
            observations=np.take(seen, self._columns, axis=1),
            actions=actions,
            rewards=rewards,
            costs=told["cost"].astype(np.float32),
            next_observations=next_seen,
            terminated=np.array(terminated),
            truncated=np.array(truncated),
            guided=guided,
            guide_actions=guide_actions,
            guide_steps=episodes.guide_steps.astype(np.int32),
            timesteps=timesteps.astype(np.int32),
            scenes=episodes.tasks.astype(np.int32),
            expert_actions=expert_actions,
        )
        over = np.flatnonzero(ended)
        finished = [episodes.ended(row, bool(terminated[row]), told) for row in over.tolist()]
        self._observations = after
        self._hear_expert(infos, np.arange(len(seen)))
        self._refused.driven()
        if len(over):
            self._begin(over, steps_done + len(seen))
        return rows, finished

    def _begin(self, rows: NDArray[np.int64], steps_done: int) -> None:
        """Begin the next episodes in these environments; a scene that is refused makes room for the one after it."""
        while True:
            numbers = np.arange(self._next, self._next + len(rows))
            self._next += len(rows)
            tasks = np.array([self._order(number) for number in numbers.tolist()])
            h = self._curriculum.begin(self._episodes.frames(tasks), numbers, steps_done)
            self._episodes.begin(rows, numbers, tasks, h)
            try:
                self._observations = self._reset(rows)
            except Exception as error:  # as above
                self._refuse(error)
            else:
                break
        if self._variations:
            self._episodes.guide_steps[rows] = self._curriculum.begin(self._episodes.lengths[rows], numbers, steps_done)
            self._varied += int(self._differs[rows].sum())
            self._as_recorded += int(self._touching[rows].sum())

    def _reset(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Put these environments to the start of their episodes' scenes; what all of them see now."""
        mask = np.zeros(self._env.num_envs, bool)
        mask[rows] = True
        seed = self._seed if self._observations is None else None
        options: dict[str, Any] = {"scene": self._episodes.tasks, "reset_mask": mask}
        drawn = self._drawn(rows)
        if drawn:
            options["variation"] = drawn
        seen: NDArray[np.float32]
        seen, infos = self._env.reset(seed=seed, options=options)
        self._hear_expert(infos, rows)
        targets = self._targets[self._episodes.tasks[rows]]
        if drawn:
            self._note_varied(rows, drawn, infos)
            targets = self._targets_of_rest(rows, infos["completion"][rows])
        if self._guide is not None:
            self._guide.begin(rows, targets)
        return seen

    def _drawn(self, rows: NDArray[np.int64]) -> list[Variation | None]:
        """How the episodes in these environments are to differ from their records, None for others; else nothing."""
        if self._variations is None:
            return []
        drawn: list[Variation | None] = [None] * self._env.num_envs
        for row in rows.tolist():
            drawn[row] = self._variations(int(self._episodes.numbers[row]), int(self._episodes.tasks[row]))
        return drawn

    def _note_varied(
        self, rows: NDArray[np.int64], drawn: Sequence[Variation | None], infos: Mapping[str, Any]
    ) -> None:
        episodes = self._episodes
        self._differs[rows] = infos["varied"][rows]
        recorded = episodes.frames(episodes.tasks)
        for row in rows.tolist():
            variation = drawn[row]
            self._touching[row] = variation is not None and not self._differs[row]
            if variation is not None and self._differs[row]:
                episodes.lengths[row] = variation.frames(int(recorded[row]))

    def _targets_of_rest(self, rows: NDArray[np.int64], behind: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) returns to ask the guide for where these shares of the routes lie behind the start."""
        if self._guide_policy is None:
            return np.zeros(len(rows))
        tasks = [self._world.tasks[number] for number in self._episodes.tasks[rows].tolist()]
        rest = [
            replace(task, route_length=task.route_length * (1 - share))
            for task, share in zip(tasks, behind.tolist(), strict=True)
        ]
        return target_returns(self._guide_policy, rest)

    def _hear_expert(self, infos: Mapping[str, Any], rows: NDArray[np.int64]) -> None:
        """Take note of what the tracker would do now in these environments."""
        if self._expert_actions is not None:
            self._expert_actions[rows] = infos["expert_actions"][rows]

    def _asked(self) -> NDArray[np.int64]:
        """Environments in which the guide is asked at this step: where it may act, or everywhere."""
        if self._guide is None:
            return np.zeros(0, np.int64)
        return np.flatnonzero(self._always_ask | (self._episodes.timesteps < self._episodes.guide_steps))

    def _seen(self) -> NDArray[np.float32]:
        assert self._observations is not None
        return self._observations

    def _drive_again(self, was: Mapping[str, NDArray[Any]]) -> None:
        """All episodes end up where they were in the same step: each begins so many steps before as it had made."""
        episodes, steps = self._episodes, was["timesteps"]
        everyone, longest = np.arange(self._env.num_envs), int(steps.max())
        if len(steps) != len(everyone):
            raise CheckpointError(
                f"the run has {len(steps)} running episodes for {len(everyone)} environments; keep their number"
            )
        tasks = np.array([self._order(number) for number in was["numbers"].tolist()])
        episodes.begin(everyone, was["numbers"], tasks, was["guide_steps"])
        # Where the guide's part is over, nothing that it remembers will be asked for.
        wanted = self._always_ask | (steps < was["guide_steps"])
        seen = self._reset(everyone)
        same = True
        for step in range(longest):
            waited = longest - steps
            begun = np.flatnonzero(waited == step)
            if step and len(begun):
                seen = self._reset(begun)
            running = np.flatnonzero(waited <= step)
            actions = np.zeros((len(everyone), self._actions), np.float32)
            actions[running] = was["actions"][running, step - waited[running]]
            remembering = running[wanted[running]]
            if self._guide is not None and len(remembering):
                self._guide.act(remembering, seen[remembering])
            seen, rewards, terminated, truncated, infos = self._env.step(actions)
            rewards, ended = np.asarray(rewards, np.float32), terminated | truncated
            self._hear_expert(infos, everyone)
            if self._guide is not None and len(remembering):
                self._guide.executed(remembering, actions[remembering], rewards[remembering])
            episodes.note(running, actions, np.zeros(len(everyone), bool), rewards, _told(infos, ended))
            same &= not ended[running].any()
        at_start = np.flatnonzero(steps == 0)
        if longest and len(at_start):
            seen = self._reset(at_start)
        episodes.guided[:] = was["guided"]
        if not same or not np.array_equal(seen, was["observations"]):
            raise CheckpointError(
                "the running episodes, driven again, do not lead to where they were; go on with the versions and the "
                "records that the run was begun with"
            )
        self._observations = seen

    def _check(self, actions: NDArray[np.float32], guided: NDArray[np.bool_]) -> None:
        broken = np.flatnonzero(~np.isfinite(actions).all(axis=1))
        if len(broken):
            row = int(broken[0])
            who = "guide" if guided[row] else "student"
            raise TrainingError(
                f"scene {named(self._world.tasks[self._episodes.tasks[row]])}: the {who}'s action at step "
                f"{self._episodes.timesteps[row]} is {actions[row].tolist()}; go on from the last checkpoint with "
                "lower learning rates, in another run"
            )

    def _refuse(self, error: Exception) -> None:
        # Of several environments one cannot tell whose scene it was; the batched engine has seen all of them before.
        if self._env.num_envs > 1:
            raise error
        self._refused.add(int(self._episodes.tasks[0]), error)


def _told(infos: Mapping[str, Any], ended: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    """What the step told, which where an episode ended is not what the next one begins with."""
    told = {name: np.array(infos[name]) for name in _TOLD}
    if "final_info" in infos:
        for name, values in told.items():
            values[ended] = infos["final_info"][name][ended]
    return told


def _targets(guide: Policy | None, world: World) -> NDArray[np.float64]:
    """(tasks,) returns to ask the guide for."""
    if guide is None:
        return np.zeros(len(world.tasks))
    targets = target_returns(guide, world.tasks)
    if not np.isfinite(targets).all():
        raise SettingsError(
            "the guide's targets.mode=route: these scenes have no routes to ask a return for; take a guide whose "
            "targets are a quantile or fixed"
        )
    return targets
