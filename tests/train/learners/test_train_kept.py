"""All that changes in a learner, by name."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gold_train.errors import CheckpointError
from gold_train.learners.kept import Kept
from gold_train.learners.vector import Trained


def _made(inner: int = 3, seed: int = 0) -> Kept:
    torch.manual_seed(seed)
    network = nn.Linear(inner, 2)
    trained = Trained(list(network.parameters()), 0.1)
    return Kept({"network": network}, {"optimiser": trained}, {"price": torch.tensor(0.25, dtype=torch.float64)})


def _step(kept: Kept, inner: int = 3) -> None:
    network, trained = kept.networks["network"], kept.trained["optimiser"]
    parameters = list(network.parameters())
    slopes = torch.autograd.grad(network(torch.ones(4, inner)).square().sum(), parameters)
    with torch.no_grad():
        for parameter, slope in zip(parameters, slopes, strict=True):
            trained.gradient_of(parameter).copy_(slope)
        trained.step()
    kept.numbers["price"].add_(1)


@pytest.mark.parametrize("steps", [0, 3])
def test_going_on_equals_never_having_stopped(steps: int) -> None:
    whole, other = _made(), _made(seed=1)
    _step(other)
    for _ in range(steps):
        _step(whole)
    other.restore(whole.tensors())
    for kept in (whole, other):
        _step(kept)
        _step(kept)
    tensors = whole.tensors()
    assert tensors.keys() == other.tensors().keys()
    for name, tensor in other.tensors().items():
        assert torch.equal(tensor, tensors[name]), name


def test_what_is_given_stays_as_it_was() -> None:
    kept = _made()
    _step(kept)
    given = kept.tensors()
    before = {name: tensor.clone() for name, tensor in given.items()}
    _step(kept)
    kept.restore(given)
    _step(kept)
    assert all(torch.equal(before[name], tensor) for name, tensor in given.items())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"network.weight": None}, "lacks network.weight"),
        ({"optimiser.exp_avg": None}, "lacks optimiser.exp_avg"),
        ({"another": torch.zeros(())}, "no another"),
        ({"optimiser.7": torch.zeros(())}, "no optimiser.7"),
        ({"network.weight": torch.zeros(2, 4)}, r"network.weight has shape \(2, 4\) and not \(2, 3\)"),
        ({"price": torch.zeros(1)}, r"price has shape \(1,\)"),
    ],
)
def test_what_is_of_another_learner_is_refused_and_changes_nothing(
    changed: dict[str, torch.Tensor | None], said: str
) -> None:
    kept = _made()
    _step(kept)
    before = kept.tensors()
    tensors = {name: tensor for name, tensor in (before | changed).items() if tensor is not None}
    _step(kept)
    now = kept.tensors()
    with pytest.raises(CheckpointError, match=said):
        kept.restore(tensors)
    assert all(torch.equal(now[name], tensor) for name, tensor in kept.tensors().items())
