"""How an exploring student's actions are drawn: the one place where rollouts and learners agree on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from gold_train.settings import CvpoRun, IqlRun


@dataclass(frozen=True)
class Sampling:
    """Takes what `Student.parts` gives, a mean before tanh and an unbounded log standard deviation."""

    least_log_std: float
    largest_log_std: float
    squashed: bool  # tanh bounds what is drawn; else the mean alone, and who executes it clips

    def log_std(self, unbounded: torch.Tensor) -> torch.Tensor:
        """(..., A) log standard deviations within their bounds; at a bound no gradient leads on beyond it."""
        return unbounded.clamp(self.least_log_std, self.largest_log_std)

    def mean(self, mean: torch.Tensor) -> torch.Tensor:
        """(..., A) what the noise is added to, of means before tanh."""
        return mean if self.squashed else mean.tanh()

    def drawn(self, mean: torch.Tensor, log_std: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """(..., A) actions of means before tanh, of bounded log standard deviations and of standard normal noise.

        Not clipped: where they are not squashed, they may lie outside [-1, 1].
        """
        sampled = self.mean(mean) + log_std.exp() * noise
        return sampled.tanh() if self.squashed else sampled


def sampling_of(settings: IqlRun | CvpoRun) -> Sampling:
    """How the student of this run explores (algorithms 2.3, 2.4, 2.6-e).

    AWR: a Gaussian about tanh of the mean. Pathwise: tanh of a Gaussian. CVPO: a Gaussian about tanh of the mean, whose
    standard deviation has a floor and, actions being within [-1, 1], no ceiling but 1.
    """
    if isinstance(settings, CvpoRun):
        return Sampling(math.log(settings.learner.least_std), 0.0, squashed=False)
    learner = settings.learner
    return Sampling(learner.least_log_std, learner.largest_log_std, squashed=learner.actor == "pathwise")
