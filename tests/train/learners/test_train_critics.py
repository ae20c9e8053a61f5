"""The critics: shapes, independence of the two, first weights, and what layer norm does."""

from __future__ import annotations

import pytest
import torch

from gold_train.learners.critics import TwinCritic, ValueCritic

HIDDEN, OBSERVATIONS, ACTIONS, ROWS = (8, 6), 5, 2, 7


@pytest.mark.parametrize("layer_norm", [False, True])
def test_shapes_and_counts(layer_norm: bool) -> None:
    torch.manual_seed(0)
    observations, actions = torch.randn(ROWS, OBSERVATIONS), torch.randn(ROWS, ACTIONS)
    twin, value = TwinCritic(HIDDEN, OBSERVATIONS, ACTIONS, layer_norm), ValueCritic(HIDDEN, OBSERVATIONS, layer_norm)
    assert twin(observations, actions).shape == (2, ROWS)
    assert value(observations).shape == (ROWS,)
    one = (8 * 5 + 8) + (6 * 8 + 6) + (6 + 1) + layer_norm * 2 * (8 + 6)
    assert sum(each.numel() for each in value.parameters()) == one
    assert sum(each.numel() for each in twin.parameters()) == 2 * (one + 8 * ACTIONS)


def test_the_two_are_networks_of_linear_layers_and_know_nothing_of_each_other() -> None:
    torch.manual_seed(0)
    twin = TwinCritic(HIDDEN, OBSERVATIONS, ACTIONS, layer_norm=False)
    with torch.no_grad():
        for biases in twin.biases:
            biases.normal_()
    observations, actions = torch.randn(ROWS, OBSERVATIONS), torch.randn(ROWS, ACTIONS)
    values = twin(observations, actions)
    for member in range(2):
        features = torch.cat((observations, actions), -1)
        for number, (weights, biases) in enumerate(zip(twin.weights, twin.biases, strict=True)):
            features = torch.nn.functional.linear(features, weights[member], biases[member])
            if number < 2:
                features = features.relu()
        torch.testing.assert_close(values[member], features[:, 0])
    with torch.no_grad():
        twin.weights[1][1] += 1
    changed = twin(observations, actions)
    assert torch.equal(changed[0], values[0])
    assert not torch.equal(changed[1], values[1])


def test_first_weights_are_orthogonal_with_gain_root_two() -> None:
    torch.manual_seed(0)
    twin = TwinCritic((16, 8), 4, 2, layer_norm=False)
    for weights in twin.weights:
        for network in weights:
            short = network if network.shape[0] <= network.shape[1] else network.T
            torch.testing.assert_close(short @ short.T, 2 * torch.eye(len(short)), atol=1e-5, rtol=0)
    assert not torch.equal(twin.weights[1][0], twin.weights[1][1])
    assert all(bool((biases == 0).all()) for biases in twin.biases)


def test_layer_norm_takes_the_size_of_what_is_seen_away() -> None:
    torch.manual_seed(0)
    observations = torch.randn(ROWS, OBSERVATIONS)
    normed, plain = (ValueCritic(HIDDEN, OBSERVATIONS, layer_norm) for layer_norm in (True, False))
    torch.testing.assert_close(normed(1000 * observations), normed(observations), atol=1e-3, rtol=1e-3)
    assert bool((plain(1000 * observations) - plain(observations)).abs().max() > 10)
