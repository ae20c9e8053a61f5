"""Each task once, in any number of environments, and no row knows of another."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from evaluation_material import CountedWorld, Seeker, toy
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_train.evaluation.driving import drive
from gold_train.evaluation.trace import Trace

SCENES = 7


def same(one: Trace, other: Trace) -> bool:
    return all(
        np.array_equal(a, b, equal_nan=True)
        for a, b in zip(dataclasses.astuple(one), dataclasses.astuple(other), strict=True)
    )


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(SCENES)), st.integers(1, SCENES), st.integers(1, SCENES + 2))
def test_a_trace_depends_on_its_task_alone(order: list[int], kept: int, environments: int) -> None:
    numbers, world = order[:kept], toy(SCENES)
    targets = [float(number) for number in numbers]
    actor = Seeker(environments)
    traces = drive(actor, world, numbers, targets, environments)
    for number, target, trace in zip(numbers, targets, traces, strict=True):
        assert trace.target == target
        assert same(trace, drive(Seeker(1), world, [number], [target], 1)[0])


def test_each_task_is_begun_once() -> None:
    world = CountedWorld(toy(SCENES))
    drive(Seeker(3), world, range(SCENES), np.zeros(SCENES), 3)
    assert sorted(world.begun) == list(range(SCENES))


def test_an_actor_is_told_what_it_did_and_what_that_brought() -> None:
    actor = Seeker(1)
    (trace,) = drive(actor, toy(1), [0], [3.5], 1)
    (told,) = actor.diary
    observations, actions, rewards = told[1::3], told[2::3], told[3::3]
    assert told[0] == 3.5
    assert np.array_equal(rewards, trace.rewards.astype(np.float32))
    assert len(observations) == len(trace.rewards)
    assert max(np.abs(action).max() for action in actions) == 1.0
    assert trace.speed[0] == 0.0
    assert trace.arrived[-1]
    assert not trace.arrived[:-1].any()
    assert trace.terminated
    assert not trace.truncated
    # What is seen at the start is the start's, and not the last episode's end.
    assert observations[0][0] == pytest.approx(-0.8)


def test_steps_are_told_before_they_are_driven() -> None:
    steps: list[int] = []
    (trace,) = drive(Seeker(1), toy(1), [0], [0.0], 1, steps.append)
    assert steps == list(range(1, len(trace.rewards) + 1))


def test_nothing_to_drive_is_no_trace() -> None:
    assert drive(Seeker(1), toy(1), [], [], 1) == []
