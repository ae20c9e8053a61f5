"""Critics asked about many actions in each state: most of an update of CVPO."""

from __future__ import annotations

from typing import Final

import torch

from gold_train.learners.critics import TwinCritic

STATES: Final = 16
"""At once: what their layers hold stays in a core's cache."""


def judge_drawn(critic: TwinCritic, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
    """(2, B, N) values of actions (B, N, A) in normalised observations (B, D), by a critic without layer_norm.

    It equals the critic's own answer to each pair, up to rounding. What the first layer makes of a state is made once,
    for all its actions.
    """
    assert not len(critic.scales)
    size, drawn = observations.shape[-1], actions.shape[1]
    values = actions.new_empty(2, *actions.shape[:2])
    for member in range(2):
        weights = [each[member] for each in critic.weights]
        biases = [each[member] for each in critic.biases]
        of_states = torch.addmm(biases[0], observations, weights[0][:, :size].T)
        of_actions = weights[0][:, size:].T.contiguous()
        for begin in range(0, len(observations), STATES):
            some = actions[begin : begin + STATES]
            features = torch.mm(some.flatten(0, 1), of_actions)
            features.view(len(some), drawn, -1).add_(of_states[begin : begin + STATES].unsqueeze(1))
            for weight, bias in zip(weights[1:], biases[1:], strict=True):
                features = torch.addmm(bias, features.relu_(), weight.T)
            values[member, begin : begin + STATES] = features.view(len(some), drawn)
    return values
