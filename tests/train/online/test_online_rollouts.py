"""Rollouts: who acts, what the rows say, how episodes end, and going on as if nothing had happened."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import astuple, fields
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray
from rollout_material import cloner, columns, driving, explorer, toy, transformer

from gold_data.errors import DatasetError, SceneError, SettingsError
from gold_data.settings import with_changes
from gold_train.environments.driving import DrivingWorld
from gold_train.environments.point_mass_world import PointMassWorld
from gold_train.environments.world import World
from gold_train.errors import CheckpointError, TrainingError
from gold_train.evaluation.driving import drive
from gold_train.online.curriculum import Curriculum
from gold_train.online.explorer import Explorer
from gold_train.online.rollouts import Ended, Rollouts
from gold_train.online.rows import Rows
from gold_train.online.scene_order import SceneOrder
from gold_train.online.schedules import Alone, curriculum_of
from gold_train.online.variations import Variations
from gold_train.policies.acting import actor_of
from gold_train.policies.policy import Policy
from gold_train.settings import VariationSettings
from gold_train.settings.online import GuidanceSettings

STEPS = 2_000


def rollouts(
    world: World,
    guide: Policy | None = None,
    schedule: str = "fixed",
    environments: int = 4,
    always_ask: bool = False,
    expert: bool = False,
    variations: Variations | None = None,
    **guidance: Any,
) -> Rollouts:
    curriculum: Curriculum = Alone()
    if guide is not None:
        asked = GuidanceSettings.model_validate({"schedule": schedule, "first": 0.5} | guidance)
        curriculum = curriculum_of(asked, STEPS, 1)
    order = SceneOrder(world.tasks, 1)
    return Rollouts(
        world,
        guide,
        columns(world),
        curriculum,
        order,
        environments,
        1,
        always_ask=always_ask,
        expert=expert,
        variations=variations,
    )


def driven(made: Rollouts, acting: Explorer, steps: int, first: int = 0) -> tuple[list[Rows], list[Ended]]:
    """So many rounds; the steps done before the first are `first` rounds'."""
    rows: list[Rows] = []
    ended: list[Ended] = []
    done = first
    for _ in range(steps):
        one, over = made.step(acting, done)
        rows.append(one)
        ended += over
        done += len(one.rewards)
    return rows, ended


def column(rows: list[Rows], name: str) -> NDArray[Any]:
    """(steps, E, ..)"""
    return np.array([getattr(each, name) for each in rows])


def test_guide_drives_the_first_steps_and_the_student_the_rest() -> None:
    world = toy(5)
    guide = transformer(world)
    rows, ended = driven(rollouts(world, guide), explorer(world), 130)
    guided, timesteps, h = (column(rows, name) for name in ("guided", "timesteps", "guide_steps"))
    assert (guided == (timesteps < h)).all()
    assert set(h[:60].ravel().tolist()) == {30}
    assert {each.guide_steps for each in ended[:4]} == {30}
    assert all(each.length == each.guide_steps + each.student_steps for each in ended)
    asked = np.isfinite(column(rows, "guide_actions")).all(axis=2)
    assert (asked == guided).all()
    assert np.array_equal(column(rows, "actions")[guided], column(rows, "guide_actions")[guided])


def test_guide_does_what_it_does_when_it_drives_alone() -> None:
    world = toy(3)
    guide = transformer(world)
    rows, _ = driven(rollouts(world, guide, first=1.0), explorer(world), 60)
    scenes = column(rows, "scenes")[0]
    targets = np.full(4, np.quantile(guide.returns, guide.settings.targets.quantile))  # type: ignore[union-attr]
    traces = drive(actor_of(guide, world.blocks, 4), world, scenes.tolist(), targets, 4)
    for row, trace in enumerate(traces):
        assert np.array_equal(column(rows, "rewards")[: len(trace.rewards), row], trace.rewards.astype(np.float32))


def test_rows_are_what_the_environments_gave() -> None:
    world = toy(4)
    made = rollouts(world)
    rows, ended = driven(made, explorer(world), 150)
    seen, after = column(rows, "observations"), column(rows, "next_observations")
    over = column(rows, "terminated") | column(rows, "truncated")
    # What is seen after a step is seen before the next one, but where an episode ends.
    assert np.array_equal(after[:-1][~over[:-1]], seen[1:][~over[:-1]])
    assert not (after[:-1][over[:-1]] == seen[1:][over[:-1]]).all(axis=1).any()
    assert (column(rows, "timesteps")[1:][over[:-1]] == 0).all()
    # The point is pushed as the row says: the same step made again from what was seen.
    velocity = 0.9 * seen[..., 2:4].astype(float) + 0.12 * column(rows, "actions")
    assert np.abs(velocity - after[..., 2:4])[np.abs(after[..., :2]).max(axis=-1) < 1.49].max() < 1e-6
    assert (np.abs(column(rows, "actions")) <= 1).all()
    assert over.sum() == len(ended)
    assert sum(each.cost for each in ended) <= column(rows, "costs").sum()
    assert all(each.timed_out != each.success for each in ended)
    assert {each.length for each in ended if each.timed_out} == {60}


def test_an_episode_is_summed_up_as_it_was_driven() -> None:
    world = driving()
    rows, ended = driven(rollouts(world, environments=1), explorer(world), 200)
    assert len(ended) >= 2
    start = 0
    for each in ended:
        own = rows[start : start + each.length]
        assert each.returned == pytest.approx(column(own, "rewards").sum(), rel=1e-5)
        assert each.cost == column(own, "costs").sum()
        assert set(column(own, "scenes").ravel().tolist()) == {each.scene}
        assert each.student_steps == each.length
        assert bool(own[-1].truncated[0]) == each.timed_out
        start += each.length
    assert {each.scene for each in ended[:3]} <= {0, 1, 2}


def test_scenes_come_in_their_order() -> None:
    world = toy(6)
    rows, _ = driven(rollouts(world, environments=2), explorer(world), 400)
    over = column(rows, "terminated") | column(rows, "truncated")
    begun = column(rows, "scenes")[0].tolist()
    scenes = column(rows, "scenes")
    for step in range(len(rows) - 1):
        begun += scenes[step + 1][over[step]].tolist()
    assert len(begun) >= 12
    order = SceneOrder(world.tasks, 1)
    assert begun == [order(number) for number in range(len(begun))]


def test_student_alone_is_never_guided_and_the_guide_never_asked() -> None:
    rows, ended = driven(rollouts(toy(2)), explorer(toy(2)), 70)
    assert not column(rows, "guided").any()
    assert not column(rows, "guide_steps").any()
    assert np.isnan(column(rows, "guide_actions")).all()
    assert {each.guide_steps for each in ended} == {0}


def test_guide_is_asked_at_every_step_where_it_may_act_or_is_to_be_followed() -> None:
    world = toy(3)
    mixed, _ = driven(rollouts(world, transformer(world), "mix"), explorer(world), 50)
    assert np.isfinite(column(mixed, "guide_actions")).all()
    guided = column(mixed, "guided")
    assert 0.3 < guided.mean() < 0.95
    assert np.array_equal(column(mixed, "actions")[guided], column(mixed, "guide_actions")[guided])
    assert not np.array_equal(column(mixed, "actions")[~guided], column(mixed, "guide_actions")[~guided])
    followed, _ = driven(rollouts(world, transformer(world), always_ask=True), explorer(world), 50)
    assert np.isfinite(column(followed, "guide_actions")).all()
    assert not column(followed, "guided")[35:].any()


def test_rows_hold_what_the_tracker_would_do_before_the_step_whoever_drives() -> None:
    world = driving(expert=True)
    rows, ended = driven(rollouts(world, transformer(world), expert=True), explorer(world), 60)
    labels, scenes, timesteps = (column(rows, name) for name in ("expert_actions", "scenes", "timesteps"))
    assert column(rows, "guided").any()
    assert not column(rows, "guided").all()
    assert np.isfinite(labels).all()
    assert ended
    # The same episode, by the same actions, in an environment of its own.
    env = world.environments(1)
    for row in range(4):
        length = int(np.flatnonzero(np.append(timesteps[1:, row] == 0, True))[0]) + 1
        _, infos = env.reset(options={"scene": scenes[0, row]})
        for step in range(length):
            assert np.array_equal(infos["expert_actions"][0], labels[step, row])
            *_, infos = env.step(rows[step].actions[row][None])
    assert rollouts(driving()).step(explorer(world), 0)[0].expert_actions is None


def _varied(**changes: float) -> tuple[DrivingWorld, Rollouts]:
    asked = {"share": 0.8, "traffic": 1.0, "pace": 0.2, "start": 1.0, "inside": 0.5} | changes
    world = driving(expert=True, varied=True)
    variations = Variations(world.courses, VariationSettings.model_validate(asked), 1)
    return world, rollouts(world, transformer(world), "fixed", environments=5, expert=True, variations=variations)


KINDS: dict[str, Callable[[], tuple[World, Rollouts]]] = {
    "toy, transformer": lambda: _of(toy(5), transformer, "fixed"),
    "toy, mix": lambda: _of(toy(5), transformer, "mix"),
    "toy, any share": lambda: _of(toy(5), cloner, "random"),
    "driving, transformer": lambda: _of(driving(), transformer, "fixed"),
    "driving, alone": lambda: _of(driving(), None, "fixed"),
    "driving, followed": lambda: _of(driving(), transformer, "fixed", always_ask=True),
    "driving, varied": _varied,
    "driving, taught": lambda: _of(driving(expert=True), transformer, "fixed", expert=True),
}


def _of(
    world: World,
    guide: Callable[[World], Policy] | None,
    schedule: str,
    always_ask: bool = False,
    expert: bool = False,
) -> tuple[World, Rollouts]:
    made = None if guide is None else guide(world)
    return world, rollouts(world, made, schedule, environments=5, always_ask=always_ask, expert=expert)


def test_episodes_are_varied_by_their_numbers_and_time_counts_from_the_start() -> None:
    world, made = _varied(traffic=0.0, share=0.5)
    rows, ended = driven(made, explorer(world), 110)
    asked = VariationSettings(share=0.5, pace=0.2, start=1.0, inside=0.5)
    variations = Variations(world.courses, asked, 1)
    first = [variations(number, int(task)) for number, task in enumerate(rows[0].scenes)]
    assert {one is None for one in first} == {True, False}
    # In scene 0 a car stands so near that some of its varied starts are not driven.
    for row in np.flatnonzero(rows[0].scenes).tolist():
        one, frames = first[row], world.tasks[rows[0].scenes[row]].frames
        own = frames if one is None else one.frames(frames)
        assert rows[0].guide_steps[row] == int(0.5 * own + 0.5)
        labels = rows[0].expert_actions
        assert labels is not None
        assert np.isnan(labels[row]).all() == (one is not None)
    told = made.measured()
    assert 0 < told["episodes_varied"] < len(ended) + 5
    assert max(each.length for each in ended) <= np.ceil(1.5 * 60 * 1.2)
    assert rollouts(world).measured() == {}


@cache
def through(kind: str) -> tuple[list[Rows], list[Ended], str]:
    """Rows, ended episodes and state of 110 rounds that nobody stopped."""
    world, made = KINDS[kind]()
    rows, ended = driven(made, explorer(world), 110)
    return rows, ended, str(made.state())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stop", [1, 37, 75])
def test_going_on_equals_never_having_stopped_to_the_bit(kind: str, stop: int) -> None:
    rows, ended, state = through(kind)
    world = KINDS[kind]()[0]
    acting = explorer(world)
    stopped = KINDS[kind]()[1]
    before, over = driven(stopped, acting, stop)
    plain, tensors = stopped.state()
    gone_on = KINDS[kind]()[1]
    gone_on.restore(json.loads(json.dumps(plain)), {name: tensor.clone() for name, tensor in tensors.items()})
    after, more = driven(gone_on, acting, 110 - stop, sum(len(each.rewards) for each in before))
    for field in fields(Rows):
        assert column(before + after, field.name).tobytes() == column(rows, field.name).tobytes(), field.name
    assert [astuple(each) for each in over + more] == [astuple(each) for each in ended]
    assert str(gone_on.state()) == state


def test_a_state_before_the_first_step_is_one_to_go_on_from() -> None:
    plain, tensors = rollouts(toy(5)).state()
    gone_on = rollouts(toy(5))
    gone_on.restore(plain, tensors)
    rows, _ = driven(gone_on, explorer(toy(5)), 5)
    due, _ = driven(rollouts(toy(5)), explorer(toy(5)), 5)
    assert column(rows, "observations").tobytes() == column(due, "observations").tobytes()


def test_a_state_of_other_rollouts_is_refused() -> None:
    made = rollouts(toy(3))
    driven(made, explorer(toy(3)), 10)
    plain, tensors = made.state()
    with pytest.raises(CheckpointError, match="4 running episodes for 3 environments"):
        rollouts(toy(3), environments=3).restore(plain, tensors)
    with pytest.raises(CheckpointError, match="cannot be read"):
        rollouts(toy(3)).restore({}, tensors)
    with pytest.raises(CheckpointError, match="driven again, do not lead to where they were"):
        rollouts(toy(3)).restore(plain, tensors | {"actions": tensors["actions"] * 0.5})


def test_student_that_is_no_number_is_named_with_scene_and_step() -> None:
    world = toy(2)
    made, acting = rollouts(world), explorer(world)
    driven(made, acting, 7)
    for parameter in acting._student.parameters():
        parameter.fill_(torch.nan)
    with pytest.raises(TrainingError, match=r"scene scene-\d/point: the student's action at step 7 is \[nan, nan\]"):
        made.step(acting, 28)


class Refusing(PointMassWorld):
    """A world of one environment that refuses scene 1 when it begins, and scene 2 in its third step."""

    def __init__(self, scenes: int, refused: tuple[int, ...] = (1,), error: Exception | None = None) -> None:
        super().__init__(toy(scenes).layouts)
        self._refused, self._error = refused, error or SceneError("there is no road")

    def environments(self, number: int) -> VectorEnv[Any, Any, Any]:
        env = super().environments(number)
        reset, step = env.reset, env.step
        now = {"scene": -1, "step": 0}

        def resetting(*, seed: Any = None, options: Any = None) -> Any:
            now.update(scene=int(options["scene"][0]), step=0)
            if now["scene"] in self._refused:
                raise self._error
            return reset(seed=seed, options=options)

        def stepping(actions: Any) -> Any:
            now["step"] += 1
            if now["scene"] == 2 and now["step"] == 3:
                raise AssertionError("navigation failed")
            return step(actions)

        env.reset, env.step = resetting, stepping  # type: ignore[method-assign]
        return env


def test_a_scene_that_is_refused_is_counted_and_the_run_goes_on() -> None:
    made = rollouts(Refusing(4), environments=1)
    rows, ended = driven(made, explorer(toy(4)), 500)
    assert made.refused == {1: "there is no road", 2: "navigation failed"}
    told = made.refusals()
    assert "scene scene-1/point: the simulator refused it (there is no road)" in told
    assert made.refusals() == []
    assert {each.scene for each in ended} == {0, 3}
    # Scene 2 leaves the two rows that it gave, and none of the step in which it was refused.
    steps = [int(one.timesteps[0]) for one in rows if len(one.rewards) and one.scenes[0] == 2]
    assert set(steps) == {0, 1}
    assert any(not len(one.rewards) for one in rows)


def test_a_world_that_refuses_everything_ends_the_run() -> None:
    made = rollouts(Refusing(2, (0, 1)), environments=1)
    with pytest.raises(TrainingError, match="refused 2 scenes in a row"):
        made.step(explorer(toy(2)), 0)


def test_what_is_no_refusal_is_raised() -> None:
    made = rollouts(Refusing(2, (0, 1), DatasetError("the record is gone")), environments=1)
    with pytest.raises(DatasetError, match="the record is gone"):
        made.step(explorer(toy(2)), 0)
    with pytest.raises(SceneError, match="there is no road"):
        rollouts(Refusing(2, (0, 1)), environments=2).step(explorer(toy(2)), 0)


def test_a_return_that_cannot_be_asked_for_is_refused_before_anything_is_driven() -> None:
    world = toy(2)
    guide = transformer(world)
    asked = with_changes(guide.settings, {"targets.mode": "route"})
    with pytest.raises(SettingsError, match="no route"):
        rollouts(world, Policy(guide.network, asked, guide.blocks, guide.lineage, 0, guide.returns))


def test_memory_is_flat_over_ten_thousand_resets() -> None:
    process = pytest.importorskip("psutil").Process()
    world = toy(50)
    made, acting = rollouts(world, transformer(world), environments=256, first=0.05), explorer(world)
    ended = 0

    def resident_after(episodes: int) -> int:
        nonlocal ended
        while ended < episodes:
            ended += len(made.step(acting, 0)[1])
        return int(process.memory_info().rss)

    early = resident_after(1_000)
    assert resident_after(10_000) - early < 4_000_000
