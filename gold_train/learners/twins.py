"""Two critics of the same, what trains them, and the targets that follow them (algorithms 2.3, 2.4)."""

from __future__ import annotations

import torch

from gold_train.learners.critics import Critic, TwinCritic
from gold_train.learners.follower import Follower
from gold_train.learners.perceptron import Perceptron, backward, forward
from gold_train.learners.vector import Trained


class Twins:
    """What is asked of them is answered by their targets; observations are normalised, and stand before actions."""

    def __init__(self, critic: TwinCritic, learning_rate: float, polyak: float) -> None:
        """The critic must be on its device by now: its parameters become views of one vector."""
        self.critic, self._follower = critic, Follower(critic, polyak)
        self.trained = Trained(list(critic.parameters()), learning_rate)
        self.networks = list(perceptron_of_critic(critic).members())
        self._gradients = list(perceptron_of_critic(critic).each(self.trained.gradient_of).members())
        self.target = self._follower.network
        self.targets = list(perceptron_of_critic(self.target).members())

    def judge(self, judged: torch.Tensor) -> torch.Tensor:
        """(2, B) values of (B, D + A), by the targets."""
        return torch.stack([forward(target, judged)[0].squeeze(-1) for target in self.targets])

    def step(self, judged: torch.Tensor, aims: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Step both towards `aims` (B,) of (B, D + A); give the sum of their losses, and their values (2, B)."""
        loss, found = torch.zeros_like(aims[0]), []
        for network, gradients in zip(self.networks, self._gradients, strict=True):
            values, passed = forward(network, judged)
            errors = values - aims.unsqueeze(-1)
            backward(network, passed, errors * (2 / len(aims)), gradients)
            loss = loss + errors.square().mean()
            found.append(values.squeeze(-1))
        self.trained.step()
        return loss, torch.stack(found)

    def follow(self) -> None:
        """Let the targets take up their share of what was learned."""
        self._follower.follow(self.trained.vector)


def perceptron_of_critic(critic: Critic) -> Perceptron:
    """The critic's parameters, layer by layer."""
    return Perceptron(tuple(critic.weights), tuple(critic.biases), tuple(critic.scales), tuple(critic.shifts))
