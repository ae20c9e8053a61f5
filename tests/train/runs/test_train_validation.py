"""Validation scenes of the toy, driven by policies whose worth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gold_data.errors import DatasetError, SettingsError
from gold_data.settings import with_changes
from gold_train.environments.point_mass import layout_of
from gold_train.environments.point_mass_world import PointMassWorld
from gold_train.environments.world import Task
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.policies.student import Student
from gold_train.runs.validation import ValidationScenes
from gold_train.settings import CloningRun, OfflineRun, transformer_run

torch.set_num_threads(1)
CPU = torch.device("cpu")
WORLD = PointMassWorld([layout_of(f"validation-{number}") for number in range(6)])


def policy_for(settings: OfflineRun) -> Policy:
    size = WORLD.blocks[-1].stop
    network = make_network(settings, Normaliser(torch.zeros(size), torch.ones(size), 0.01, 10.0), size, 2)
    return Policy(network, settings, WORLD.blocks, Lineage("a", "b", "c"), 0, np.linspace(0, 10, 101))


def pushing(direction: tuple[float, float]) -> Policy:
    """A policy that always pushes in one direction."""
    policy = policy_for(CloningRun())
    assert isinstance(policy.network, Student)
    with torch.no_grad():
        policy.network.mean.weight.zero_()
        policy.network.mean.bias.copy_(torch.tensor(direction).atanh())
    return policy


@pytest.mark.parametrize("environments", [1, 4, 100])
def test_who_stands_still_has_cost_and_no_success(environments: int) -> None:
    found = ValidationScenes(WORLD, environments, CPU)(pushing((0.0, 0.0)))
    assert (found.scenes, found.success, found.success_late, found.contact) == (6, 0.0, 0.0, found.contact)
    assert found.cost == pytest.approx(51, abs=1)  # the front that sweeps the field: algorithms 3.2
    assert found.returned == pytest.approx(0.0, abs=1e-6)


def test_who_pushes_on_comes_further_and_scores_more() -> None:
    scenes = ValidationScenes(WORLD, 6, CPU)
    still, pushed = scenes(pushing((0.0, 0.0))), scenes(pushing((0.5, 0.0)))
    assert pushed.returned > still.returned + 3
    assert pushed.score > still.score
    assert set(pushed.as_row()) >= {"success", "contact", "cost", "returned"}


def test_it_leaves_the_policy_in_training_as_it_is() -> None:
    policy = policy_for(with_changes(transformer_run("toy"), {"model.width": "8", "model.context": "2"}))
    policy.network.train()
    before = {name: tensor.clone() for name, tensor in policy.network.state_dict().items()}
    ValidationScenes(WORLD, 6, CPU)(policy)
    assert policy.network.training
    assert all(torch.equal(before[name], tensor) for name, tensor in policy.network.state_dict().items())


def test_a_route_that_is_not_there_is_told() -> None:
    policy = policy_for(with_changes(transformer_run("toy"), {"targets.mode": "route", "model.width": "8"}))
    with pytest.raises(SettingsError, match=r"targets.mode"):
        ValidationScenes(WORLD, 6, CPU)(policy)


class Parked(PointMassWorld):
    """A world of records that stand, but for some."""

    def __init__(self, lengths: list[float]) -> None:
        super().__init__([layout_of(f"parked-{number}") for number in range(len(lengths))])
        self.tasks: tuple[Task, ...] = tuple(
            replace(task, route_length=length) for task, length in zip(self.tasks, lengths, strict=True)
        )


def test_who_stands_on_record_is_left_out() -> None:
    assert ValidationScenes(Parked([4.9, 5.0, 60.0]), 8, CPU)(pushing((0.5, 0.0))).scenes == 2
    with pytest.raises(DatasetError, match="none of the 2 validation scenes has a route"):
        ValidationScenes(Parked([1.0, 2.0]), 8, CPU)
