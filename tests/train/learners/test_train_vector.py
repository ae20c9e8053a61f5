"""Parameters as one vector: the modules see what the optimiser does, which is torch's Adam."""

from __future__ import annotations

import copy

import pytest
import torch

from gold_train.learners.vector import Trained, as_one_vector


def test_parameters_become_views_and_keep_their_values() -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 2)
    before = copy.deepcopy(layer)
    vector = as_one_vector(list(layer.parameters()))
    assert torch.equal(layer.weight, before.weight)
    assert torch.equal(layer.bias, before.bias)
    vector.zero_()
    assert layer.weight.abs().sum() + layer.bias.abs().sum() == 0
    assert before.weight.abs().sum() > 0


@pytest.mark.parametrize("most", [0.5, 1e3])
def test_clipping_is_torchs(most: float) -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(4, 3)
    trained = Trained(list(layer.parameters()), 1e-2)
    trained.gradient.normal_()
    for parameter in layer.parameters():
        parameter.grad = trained.gradient_of(parameter).clone()
    due = torch.nn.utils.clip_grad_norm_(layer.parameters(), most)
    torch.testing.assert_close(trained.clip(most), due)
    for parameter in layer.parameters():
        torch.testing.assert_close(trained.gradient_of(parameter), parameter.grad)


def test_steps_are_those_of_torchs_adam() -> None:
    torch.manual_seed(0)
    ours, theirs = torch.nn.Linear(30, 20), torch.nn.Linear(30, 20)
    theirs.load_state_dict(ours.state_dict())
    trained, adam = Trained(list(ours.parameters()), 1e-2), torch.optim.Adam(theirs.parameters(), 1e-2, fused=True)
    for _ in range(5):
        for own, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            other.grad = torch.randn_like(other)
            trained.gradient_of(own).copy_(other.grad)
        with torch.no_grad():
            trained.step()
        adam.step()
    for own, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(own, other, atol=1e-7, rtol=1e-6)
    assert float(trained.moments["step"]) == 5
