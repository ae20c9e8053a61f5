"""Advantage-weighted regression: the student is drawn to what was done, the more the better it was (algorithms 2.3).

ikostrikov/implicit_q_learning: actor.py; the density is a Gaussian's about tanh of the mean, alike in every state.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from gold_train.learners.distilling import lesson_distances, taught
from gold_train.learners.iql_actor import ActorBatch, Measures
from gold_train.learners.iql_losses import GAUSSIAN_ENTROPY, advantage_weights, effective_share, gaussian_log_density
from gold_train.learners.perceptron import backward, forward, perceptron_of
from gold_train.learners.vector import Trained
from gold_train.policies.sampling import sampling_of
from gold_train.policies.student import Student
from gold_train.settings import IqlRun


class WeightedRegression:
    """The actor `awr`."""

    def __init__(self, student: Student, run: IqlRun) -> None:
        settings = run.learner
        assert isinstance(student.log_std, nn.Parameter)
        self.trained = Trained(list(student.parameters()), settings.learning_rate)
        self.numbers: Mapping[str, torch.Tensor] = {}
        self._network = perceptron_of((*student.hidden, student.mean))
        self._gradients = self._network.each(self.trained.gradient_of)
        self._log_std, self._sampling = student.log_std, sampling_of(run)
        self._temperature = settings.temperature / settings.reward_scale
        self._largest = settings.largest_weight

    def step(self, batch: ActorBatch, measure: bool) -> Measures:
        """Make one step down -mean(weight * log density); give `policy_loss`, and more if asked to `measure`."""
        before, passed = forward(self._network, batch.observations)
        mean, log_std = before.tanh(), self._sampling.log_std(self._log_std)
        weights = advantage_weights(batch.advantages, self._temperature, self._largest)
        shares = weights * batch.shares
        log_density = gaussian_log_density(batch.actions, mean, log_std)
        loss = -(shares * log_density).sum()
        inverse = (-log_std).exp()
        distances = (batch.actions - mean) * inverse
        slope = -shares.unsqueeze(-1) * distances * inverse
        for lesson in batch.lessons:
            teaching, towards = taught(mean, lesson)
            loss, slope = loss + teaching, slope + towards
        backward(self._network, passed, slope * (1 - mean.square()), self._gradients)
        self.trained.gradient_of(self._log_std).copy_(shares @ (1 - distances.square()))
        self.trained.step()
        # Held within its bounds, it can come back from them: beyond, it would have no gradient.
        self._log_std.copy_(self._sampling.log_std(self._log_std))
        measures = {"policy_loss": loss}
        if measure:
            counted = weights[batch.shares > 0]
            measures |= {
                "weight": (weights * batch.shares).sum(),
                "weight_clipped": ((weights >= self._largest) * batch.shares).sum(),
                "effective_share": effective_share(counted) if len(counted) else torch.zeros_like(loss),
                "log_density": (log_density * batch.shares).sum(),
                "log_std": log_std.mean(),
                "std": log_std.exp().mean(),
                "entropy": (log_std + GAUSSIAN_ENTROPY).sum(),
                "policy_gradient": self.trained.gradient.norm(),
            } | lesson_distances(mean, batch.lessons)
        return measures
