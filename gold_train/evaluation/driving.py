"""Many episodes at once, each task exactly once, whoever drives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from gold_data.replay import Flag
from gold_train.environments.world import World
from gold_train.evaluation.trace import Trace
from gold_train.policies.actor import Actor

_TOLD = ("cost", "flags", "contact_bearing", "arrived", "completion", "speed")


def drive(
    actor: Actor,
    world: World,
    numbers: Sequence[int],
    targets: Sequence[float] | NDArray[np.float64],
    environments: int,
    on_step: Callable[[int], None] = lambda number: None,
) -> list[Trace]:
    """Drive the tasks of these numbers, each once, up to `environments` at a time; traces in the order of `numbers`.

    `targets` are the raw returns to ask for, one a task, NaN of who is asked for none; `actor` must have room for as
    many episodes at once. `on_step` is told the number of each step, from 1 on, before it is driven. A task that ends
    makes room for the next one; environments for which there is none left stand by.
    """
    if not len(numbers):
        return []
    with closing(world.environments(min(environments, len(numbers)))) as env:
        return _driven(actor, env, np.asarray(numbers, np.int64), np.asarray(targets, np.float64), on_step)


@dataclass
class _Episode:
    """Which rows of the tape are one task's."""

    row: int
    first: int
    speed: float  # m/s, at the start
    last: int = -1


def _driven(
    actor: Actor,
    env: VectorEnv[Any, Any, Any],
    numbers: NDArray[np.int64],
    targets: NDArray[np.float64],
    on_step: Callable[[int], None],
) -> list[Trace]:
    tape: dict[str, list[NDArray[Any]]] = defaultdict(list)  # a (B,) array a step
    episodes: list[_Episode] = []
    running: dict[int, _Episode] = {}
    step, actions = 0, np.zeros(env.action_space.shape or (), np.float32)
    while True:
        free = [row for row in range(env.num_envs) if row not in running][: len(numbers) - len(episodes)]
        if free:
            tasks = slice(len(episodes), len(episodes) + len(free))
            observations, infos = env.reset(options=_options(env.num_envs, free, numbers[tasks]))
            actor.begin(np.array(free), targets[tasks])
            running |= {row: _Episode(row, step, float(infos["speed"][row])) for row in free}
            episodes += [running[row] for row in free]
        if not running:
            break
        rows = np.array(sorted(running))
        on_step(step + 1)
        actions[:] = 0.0
        actions[rows] = np.clip(actor.act(rows, observations[rows]), -1.0, 1.0)
        observations, rewards, terminated, truncated, infos = env.step(actions)
        actor.executed(rows, actions[rows], np.asarray(rewards[rows], np.float32))
        ended = terminated | truncated
        told = _last(infos, ended) | {"rewards": rewards, "terminated": terminated, "truncated": truncated}
        for name, values in told.items():
            tape[name].append(values)
        for row in [row for row in running if ended[row]]:
            running.pop(row).last = step
        step += 1
    columns = {name: np.array(values) for name, values in tape.items()}
    return [_trace(columns, episode, target) for episode, target in zip(episodes, targets.tolist(), strict=True)]


def _options(environments: int, rows: list[int], numbers: NDArray[np.int64]) -> dict[str, Any]:
    """Those rows begin those tasks; the others drive on."""
    scene, mask = np.zeros(environments, np.int64), np.zeros(environments, bool)
    scene[rows], mask[rows] = numbers, True
    return {"scene": scene, "reset_mask": mask}


def _last(infos: dict[str, Any], ended: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    """What the step told, which where an episode ended is not what the next one begins with."""
    told = {name: np.array(infos[name]) for name in _TOLD}
    if "final_info" in infos:
        for name, values in told.items():
            values[ended] = infos["final_info"][name][ended]
    return told


def _trace(columns: dict[str, NDArray[Any]], episode: _Episode, target: float) -> Trace:
    rows = slice(episode.first, episode.last + 1)
    own = {name: values[rows, episode.row] for name, values in columns.items()}
    return Trace(
        rewards=own["rewards"].astype(np.float64),
        costs=own["cost"].astype(np.float64),
        flags=own["flags"].astype(np.int64),
        contact_bearing=np.where(own["flags"] & Flag.contact(), own["contact_bearing"], np.nan),
        arrived=own["arrived"].astype(bool),
        completion=own["completion"].astype(np.float64),
        speed=np.concatenate([[episode.speed], own["speed"]]),
        terminated=bool(own["terminated"][-1]),
        truncated=bool(own["truncated"][-1]),
        target=target,
    )
