"""How an exploring student's actions are drawn."""

from __future__ import annotations

import math

import pytest
import torch

from gold_train.policies.sampling import sampling_of
from gold_train.settings import CvpoRun, IqlRun
from gold_train.settings.online import CvpoSettings, IqlSettings

MEAN = torch.tensor([[0.4, -0.2], [3.0, -3.0]])
NOISE = torch.tensor([[1.0, -2.0], [0.5, 0.0]])
AWR = IqlRun(learner=IqlSettings(least_log_std=-2.0, largest_log_std=1.0))
PATHWISE = IqlRun(learner=IqlSettings(actor="pathwise"))


def test_regression_adds_noise_to_the_squashed_mean() -> None:
    log_std = torch.tensor([-1.0, -0.5])
    drawn = sampling_of(AWR).drawn(MEAN, log_std, NOISE)
    torch.testing.assert_close(drawn, MEAN.tanh() + log_std.exp() * NOISE)
    assert (drawn.abs() > 1).any()  # who executes it clips


def test_pathwise_squashes_what_is_drawn() -> None:
    log_std = torch.tensor([[-1.0, -0.5], [0.0, 0.5]])
    drawn = sampling_of(PATHWISE).drawn(MEAN, log_std, NOISE)
    torch.testing.assert_close(drawn, (MEAN + log_std.exp() * NOISE).tanh())
    assert (drawn.abs() < 1).all()


def test_cvpo_adds_noise_to_the_squashed_mean() -> None:
    log_std = torch.tensor([[-1.0, -0.5], [0.0, -2.0]])
    drawn = sampling_of(CvpoRun()).drawn(MEAN, log_std, NOISE)
    torch.testing.assert_close(drawn, MEAN.tanh() + log_std.exp() * NOISE)


@pytest.mark.parametrize(
    ("settings", "least", "largest"),
    [
        (AWR, -2.0, 1.0),
        (PATHWISE, -5.0, 2.0),
        (CvpoRun(learner=CvpoSettings(least_std=0.1)), math.log(0.1), 0.0),
    ],
)
def test_spread_is_bounded_as_the_settings_say(settings: IqlRun | CvpoRun, least: float, largest: float) -> None:
    bounded = sampling_of(settings).log_std(torch.tensor([-30.0, -0.7, 30.0]))
    torch.testing.assert_close(bounded, torch.tensor([least, -0.7, largest]))


@pytest.mark.parametrize("settings", [AWR, PATHWISE, CvpoRun()])
def test_without_noise_the_mean_action_is_taken(settings: IqlRun | CvpoRun) -> None:
    drawn = sampling_of(settings).drawn(MEAN, torch.zeros(2), torch.zeros(2, 2))
    torch.testing.assert_close(drawn, MEAN.tanh())
