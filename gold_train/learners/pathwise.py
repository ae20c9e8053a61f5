"""The student climbs the critics: its own actions, drawn anew, are moved to where they are worth more.

Algorithms 2.6-e (liuxy10/safe-sb3: stable_baselines3/iql/iql.py): the actor of soft actor-critic (Haarnoja and others
2018) on the critics of implicit Q-learning, with the temperature tuned to an entropy of minus the action's numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import nn

from gold_train.chance import Stream, noise_generator
from gold_train.learners.distilling import lesson_distances, taught
from gold_train.learners.iql_actor import ActorBatch, Measures
from gold_train.learners.iql_losses import squashed_log_density
from gold_train.learners.perceptron import backward_to, forward
from gold_train.learners.two_heads import TwoHeads
from gold_train.learners.vector import Trained
from gold_train.policies.sampling import sampling_of
from gold_train.policies.student import Student
from gold_train.settings import IqlRun


class Pathwise:
    """The actor `pathwise`."""

    def __init__(self, student: Student, run: IqlRun) -> None:
        settings = run.learner
        self._log_alpha = nn.Parameter(torch.full_like(student.mean.bias[:1], math.log(settings.first_alpha)))
        self.numbers: Mapping[str, torch.Tensor] = {"log_alpha": self._log_alpha}
        self.trained = Trained([*student.parameters(), self._log_alpha], settings.learning_rate)
        self._network = TwoHeads(student)
        self._seed = run.training.seed
        self._sampling, self._entropy = sampling_of(run), settings.entropy * student.mean.out_features

    def step(self, batch: ActorBatch, measure: bool) -> Measures:
        """Make one step up mean(min Q - alpha * log density); give `policy_loss`, and more if asked to `measure`."""
        mean, unbounded, passed = self._network.forward(batch.observations)
        log_std, alpha = self._sampling.log_std(unbounded), self._log_alpha.exp()
        drawn_by = noise_generator(self._seed, Stream.UPDATE, batch.number, mean.device)
        noise = torch.randn(mean.shape, generator=drawn_by, device=mean.device, dtype=mean.dtype)
        spread = log_std.exp() * noise
        before = mean + spread
        actions, shares = before.tanh(), batch.shares.unsqueeze(-1)
        log_density = squashed_log_density(before, mean, log_std)
        values, ascent = self._climb(batch, actions)
        loss = (batch.shares * (alpha * log_density - values)).sum()
        # Of the density, the noise's own term stays as it is: what is left is tanh's slope, and the spread.
        slope = shares * 2 * alpha * actions - ascent * (1 - actions.square())
        slope_of_spread = slope * spread - shares * alpha
        means = mean.tanh()
        for lesson in batch.lessons:
            teaching, towards = taught(means, lesson)
            loss, slope = loss + teaching, slope + towards * (1 - means.square())
        bounded = unbounded == log_std
        self._network.backward(passed, slope, slope_of_spread * bounded, self.trained)
        excess = (batch.shares * (log_density + self._entropy)).sum()
        self.trained.gradient_of(self._log_alpha).copy_(-excess)
        self.trained.step()
        measures = {"policy_loss": loss}
        if measure:
            measures |= {
                "alpha": alpha.squeeze(),
                "entropy": -(batch.shares * log_density).sum(),
                "log_std": (shares * log_std).sum() / log_std.shape[-1],
                "std": (shares * log_std.exp()).sum() / log_std.shape[-1],
                "q_own": (batch.shares * values).sum(),
                "policy_gradient": self.trained.gradient.norm(),
            } | lesson_distances(means, batch.lessons)
        return measures

    def _climb(self, batch: ActorBatch, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(B,) the smaller of both critics' values, and (B, A) its slope with each action, by the row's share."""
        judged = torch.cat((batch.observations, actions), -1)
        passes = [forward(critic, judged) for critic in batch.critics]
        values = torch.cat([outputs for outputs, _ in passes], -1)
        least, which = values.min(-1)
        columns = slice(batch.observations.shape[-1], None)
        ascent = torch.zeros_like(actions)
        for number, (critic, (_, passed)) in enumerate(zip(batch.critics, passes, strict=True)):
            outer = (batch.shares * (which == number)).unsqueeze(-1)
            ascent += backward_to(critic, passed, outer, columns)
        return least, ascent
