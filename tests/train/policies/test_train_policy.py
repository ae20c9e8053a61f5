"""What a policy is asked for in a scene."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gold_data.errors import SettingsError
from gold_data.shards import ObservationBlock
from gold_train.environments.world import Task
from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy, target_returns
from gold_train.policies.student import Student
from gold_train.settings import CloningRun, StudentSettings, TransformerRun, TransformerSettings

BLOCK = ObservationBlock(name="all", start=0, stop=2, names=("a", "b"), digest="0" * 64)
SMALL = TransformerSettings(context=2, width=4, layers=1, heads=1, timesteps=3)


def task(route_length: float) -> Task:
    return Task("scene", "1", 91, route_length, 0.0, "drive")


TASKS = (task(100.0), task(20.0))


def policy(**targets: object) -> Policy:
    run = TransformerRun.model_validate({"model": SMALL, "targets": targets})
    normaliser = Normaliser(torch.zeros(2), torch.ones(2), min_std=1e-2, clip=10.0)
    network = DecisionTransformer(run.model, normaliser, 2, 2, run.targets.scale)
    return Policy(network, run, (BLOCK,), Lineage("m", "s", "0"), 1, np.linspace(0, 200, 101))


def test_by_route_it_is_what_an_expert_collects_there_times_the_gain() -> None:
    np.testing.assert_allclose(target_returns(policy(mode="route"), TASKS), [100.0, 24.0])
    np.testing.assert_allclose(target_returns(policy(mode="route", gain=0.8), TASKS), [80.0, 19.2])
    np.testing.assert_allclose(target_returns(policy(mode="route", gain=0.8), TASKS, gain=1.2), [120.0, 28.8])


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ({"mode": "quantile", "quantile": 0.9}, 180.0),
        ({"mode": "quantile", "quantile": 0.905}, 181.0),
        ({"mode": "fixed", "fixed": 400.0}, 400.0),
    ],
)
def test_otherwise_it_is_the_same_everywhere_and_wants_no_route(targets: dict[str, object], expected: float) -> None:
    np.testing.assert_allclose(target_returns(policy(**targets), (task(100.0), task(np.nan))), [expected, expected])


@pytest.mark.parametrize("mode", ["quantile", "fixed"])
def test_a_gain_without_a_route_is_refused(mode: str) -> None:
    with pytest.raises(SettingsError, match=rf"gain of 1\.2.*targets\.mode={mode}"):
        target_returns(policy(mode=mode), TASKS, gain=1.2)


def test_a_scene_without_a_route_is_refused_where_one_is_needed() -> None:
    with pytest.raises(SettingsError, match="scene has no route"):
        target_returns(policy(mode="route"), (TASKS[0], task(np.nan)))


def test_a_student_is_asked_for_nothing() -> None:
    normaliser = Normaliser(torch.zeros(2), torch.ones(2), min_std=1e-2, clip=10.0)
    run = CloningRun(model=StudentSettings(hidden=(4,)))
    cloned = Policy(Student(run.model, normaliser, 2, 2), run, (BLOCK,), Lineage("m", "s", "0"), 1, np.zeros(101))
    np.testing.assert_array_equal(target_returns(cloned, TASKS, gain=1.2), [0.0, 0.0])
