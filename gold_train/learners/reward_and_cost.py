"""What judges actions in CVPO: twin critics of reward and of cost, apart, and what follows them (algorithms 2.4)."""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import nn

from gold_train.learners.critics import TwinCritic
from gold_train.learners.drawn_actions import judge_drawn
from gold_train.learners.learner import Transitions
from gold_train.settings import CvpoRun

Network = TypeVar("Network", bound=nn.Module)


class RewardAndCost:
    """Q of scaled reward and Q of raw cost; what is asked of them is answered by their targets.

    Of two rewards the smaller counts, of two costs what the settings say.
    """

    def __init__(self, settings: CvpoRun, observation_size: int, action_size: int, device: torch.device) -> None:
        """First weights are drawn by torch."""
        self._settings = settings.learner
        sizes = settings.model.hidden, observation_size, action_size
        self._reward, self._cost = (TwinCritic(*sizes, layer_norm=False).to(device) for _ in range(2))
        self._reward_target, self._cost_target = fixed_copy(self._reward), fixed_copy(self._cost)
        parameters = [*self._reward.parameters(), *self._cost.parameters()]
        self.optimiser = torch.optim.Adam(parameters, self._settings.critic_learning_rate, fused=True)
        self.networks: dict[str, nn.Module] = {
            "reward_critic": self._reward,
            "cost_critic": self._cost,
            "reward_target": self._reward_target,
            "cost_target": self._cost_target,
        }

    def fit(
        self, batch: Transitions, observations: torch.Tensor, behind: torch.Tensor, following: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """One step towards what the rows brought and what `following` (B, A) would in the states behind them.

        `observations` and `behind` (B, D) are the batch's, normalised. Gives losses and means, scalars by name.
        """
        settings = self._settings
        with torch.no_grad():
            going_on = settings.discount * (1 - batch.terminated)
            reward = settings.reward_scale * batch.rewards + going_on * self._reward_target(behind, following).amin(0)
            lasting = going_on if settings.mask_cost else settings.discount
            cost = batch.costs + lasting * self.cost_of(behind, following)
        q, qc = self._reward(observations, batch.actions), self._cost(observations, batch.actions)
        q_loss, qc_loss = (q - reward).square().mean(1).sum(), (qc - cost).square().mean(1).sum()
        self.optimiser.zero_grad(set_to_none=True)
        (q_loss + qc_loss).backward()
        self.optimiser.step()
        return {
            "q_loss": q_loss.detach(),
            "qc_loss": qc_loss.detach(),
            "q": q.detach().mean(),
            "qc": self._one(qc.detach()).mean(),
            "q_target_std": reward.std(correction=0),
            "qc_target_std": cost.std(correction=0),
        }

    def judge(self, observations: torch.Tensor, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(B, N) reward's and cost's values of actions (B, N, A) in normalised observations (B, D)."""
        q = judge_drawn(self._reward_target, observations, actions).amin(0)
        return q, self._one(judge_drawn(self._cost_target, observations, actions))

    def cost_of(self, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """(B,) cost's values of actions (B, A); gradients lead to the actions."""
        return self._one(self._cost_target(observations, actions))

    def follow(self) -> None:
        """Let the targets take up their share of what was learned."""
        follow(self._reward_target, self._reward, self._settings.polyak)
        follow(self._cost_target, self._cost, self._settings.polyak)

    def _one(self, twins: torch.Tensor) -> torch.Tensor:
        return twins.mean(0) if self._settings.reduce_cost == "mean" else twins.amin(0)


def fixed_copy(network: Network) -> Network:
    """A copy that no gradient changes."""
    return copy.deepcopy(network).requires_grad_(requires_grad=False)


@torch.no_grad()
def follow(follower: nn.Module, network: nn.Module, share: float) -> None:
    """Move each weight by `share` of what is between (known answer K11)."""
    torch._foreach_lerp_(list(follower.parameters()), list(network.parameters()), share)
