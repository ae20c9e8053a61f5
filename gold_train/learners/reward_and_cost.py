"""What judges actions in CVPO: twin critics of reward and of cost, apart, and what follows them (algorithms 2.4)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from gold_train.learners.critics import TwinCritic
from gold_train.learners.drawn_actions import judge_drawn
from gold_train.learners.learner import Transitions
from gold_train.learners.perceptron import backward_to, forward
from gold_train.learners.twins import Twins
from gold_train.settings import CvpoRun


class RewardAndCost:
    """Q of scaled reward and Q of raw cost; what is asked of them is answered by their targets.

    Of two rewards the smaller counts, of two costs what the settings say.
    """

    def __init__(self, settings: CvpoRun, observation_size: int, action_size: int, device: torch.device) -> None:
        """First weights are drawn by torch."""
        self._settings = settings.learner
        sizes = settings.model.hidden, observation_size, action_size
        self._reward, self._cost = (
            Twins(critic.to(device), self._settings.critic_learning_rate, self._settings.polyak)
            for critic in [TwinCritic(*sizes, layer_norm=False) for _ in range(2)]
        )
        self.networks: dict[str, nn.Module] = {
            "reward_critic": self._reward.critic,
            "cost_critic": self._cost.critic,
            "reward_target": self._reward.target,
            "cost_target": self._cost.target,
        }
        self.trained = {"reward_optimiser": self._reward.trained, "cost_optimiser": self._cost.trained}

    @torch.no_grad()
    def fit(
        self, batch: Transitions, observations: torch.Tensor, behind: torch.Tensor, following: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """One step towards what the rows brought and what `following` (B, A) would in the states behind them.

        `observations` and `behind` (B, D) are the batch's, normalised. Gives losses and means, scalars by name.
        """
        settings = self._settings
        going_on = settings.discount * (1 - batch.terminated)
        lasting = going_on if settings.mask_cost else settings.discount
        after = torch.cat((behind, following), -1)
        reward = settings.reward_scale * batch.rewards + going_on * self._reward.judge(after).amin(0)
        cost = batch.costs + lasting * self._one(self._cost.judge(after))
        judged = torch.cat((observations, batch.actions), -1)
        q_loss, q = self._reward.step(judged, reward)
        qc_loss, qc = self._cost.step(judged, cost)
        return {
            "q_loss": q_loss,
            "qc_loss": qc_loss,
            "q": q.mean(),
            "qc": self._one(qc).mean(),
            "q_target_std": reward.std(correction=0),
            "qc_target_std": cost.std(correction=0),
        }

    @torch.no_grad()
    def judge(self, observations: torch.Tensor, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(B, N) reward's and cost's values of actions (B, N, A) in normalised observations (B, D)."""
        q, qc = (
            torch.stack([judge_drawn(target, observations, actions) for target in twins.targets])
            for twins in (self._reward, self._cost)
        )
        return q.amin(0), self._one(qc)

    @torch.no_grad()
    def cost_of(self, observations: torch.Tensor, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(B,) cost's values of actions (B, A) in normalised observations (B, D), and (B, A) their slopes."""
        judged, columns = torch.cat((observations, actions), -1), slice(observations.shape[-1], None)
        passes = [forward(target, judged) for target in self._cost.targets]
        twins = torch.stack([outputs.squeeze(-1) for outputs, _ in passes])
        slopes = (
            backward_to(target, passed, share.unsqueeze(-1), columns)
            for target, (_, passed), share in zip(self._cost.targets, passes, self._shares(twins), strict=True)
        )
        return self._one(twins), torch.stack(list(slopes)).sum(0)

    def follow(self) -> None:
        """Let the targets take up their share of what was learned."""
        self._reward.follow()
        self._cost.follow()

    def _one(self, twins: torch.Tensor) -> torch.Tensor:
        return twins.mean(0) if self._settings.reduce_cost == "mean" else twins.amin(0)

    def _shares(self, twins: torch.Tensor) -> Iterable[torch.Tensor]:
        """(B,) of each of two costs (2, B), in the one that counts."""
        if self._settings.reduce_cost == "mean":
            return torch.full_like(twins, 0.5)
        return [(twins.argmin(0) == number).to(twins) for number in range(2)]
