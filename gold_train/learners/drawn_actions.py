"""Critics asked about many actions in each state: most of an update of CVPO."""

from __future__ import annotations

from typing import Final

import torch

from gold_train.learners.perceptron import Perceptron, product

STATES: Final = 16
"""At once: what their layers hold stays in a core's cache."""


def judge_drawn(critic: Perceptron, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
    """(B, N) values of actions (B, N, A) in normalised observations (B, D), by a critic without layer norm.

    It equals the critic's own answer to each pair, up to rounding. What the first layer makes of a state is made once,
    for all its actions.
    """
    assert not critic.scales
    size, drawn = observations.shape[-1], actions.shape[1]
    first, *hidden = critic.weights[:-1]
    # oneDNN is a hundred times slower with some columns of a matrix than with a copy of them.
    of_states = product(observations, first[:, :size].contiguous(), critic.biases[0])
    of_actions = first[:, size:].T.contiguous()
    values = actions.new_empty(actions.shape[:2])
    for begin in range(0, len(observations), STATES):
        some = actions[begin : begin + STATES]
        features = torch.mm(some.flatten(0, 1), of_actions)
        features.view(len(some), drawn, -1).add_(of_states[begin : begin + STATES].unsqueeze(1)).relu_()
        for weights, biases in zip(hidden, critic.biases[1:-1], strict=True):
            features = product(features, weights, biases, relu=True)
        values[begin : begin + STATES] = product(features, critic.weights[-1], critic.biases[-1]).view(len(some), drawn)
    return values
