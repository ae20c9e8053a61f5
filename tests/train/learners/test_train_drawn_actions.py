"""Critics asked about many actions in each state."""

from __future__ import annotations

import pytest
import torch

from gold_train.learners.critics import TwinCritic
from gold_train.learners.drawn_actions import STATES, judge_drawn
from gold_train.learners.twins import perceptron_of_critic


@pytest.mark.parametrize("hidden", [(8,), (16, 8), (8, 8, 8)])
@pytest.mark.parametrize("states", [1, STATES, STATES + 3])
def test_it_equals_the_critics_own_answers(hidden: tuple[int, ...], states: int) -> None:
    torch.manual_seed(0)
    critic = TwinCritic(hidden, 5, 2, layer_norm=False)
    for bias in critic.biases:
        torch.nn.init.normal_(bias)
    observations, actions = torch.randn(states, 5), torch.randn(states, 4, 2)
    due = critic(observations.repeat_interleave(4, 0), actions.flatten(0, 1)).view(2, states, 4)
    with torch.no_grad():
        for twin, values in zip(perceptron_of_critic(critic).members(), due, strict=True):
            torch.testing.assert_close(judge_drawn(twin, observations, actions), values)
