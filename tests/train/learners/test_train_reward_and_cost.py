"""Critics of reward and of cost (algorithms 2.4; known answer K12)."""

from __future__ import annotations

from typing import Literal

import pytest
import torch

from gold_train.learners.learner import Transitions
from gold_train.learners.reward_and_cost import RewardAndCost
from gold_train.settings import CvpoRun, CvpoSettings, StudentSettings

DISCOUNT, REWARD, COST, BEHIND, COST_BEHIND = 0.99, 1.0, 2.0, 10.0, 3.0
ROWS = 6


def _losses(terminated: float, masked: bool) -> tuple[float, float]:
    """Targets of reward and of cost, as critics that say 0 see them."""
    torch.manual_seed(0)
    learner = CvpoSettings(discount=DISCOUNT, reward_scale=1.0, mask_cost=masked)
    critics = RewardAndCost(CvpoRun(model=StudentSettings(hidden=(4,)), learner=learner), 3, 2, torch.device("cpu"))
    with torch.no_grad():
        for network in critics.networks.values():
            for parameter in network.parameters():
                parameter.zero_()
        for name, behind in (
            ("reward_target", [BEHIND, BEHIND + 5]),
            ("cost_target", [COST_BEHIND - 1, COST_BEHIND + 1]),
        ):
            critics.networks[name].get_parameter("biases.1").copy_(torch.tensor(behind)[:, None])
    seen, actions = torch.zeros(ROWS, 3), torch.zeros(ROWS, 2)
    each = torch.ones(ROWS)
    batch = Transitions(
        seen, actions, REWARD * each, COST * each, seen, terminated * each, torch.zeros(ROWS).bool(), actions
    )
    measured = critics.fit(batch, seen, seen, actions)
    return (measured["q_loss"].item() / 2) ** 0.5, (measured["qc_loss"].item() / 2) ** 0.5


@pytest.mark.parametrize(
    ("terminated", "masked", "reward", "cost"),
    [
        (0.0, True, 10.9, 4.97),  # also where the time was over
        (1.0, True, 1.0, 2.0),
        (1.0, False, 1.0, 4.97),  # as liuzuxin/cvpo-safe-rl has it
    ],
)
def test_targets(terminated: float, masked: bool, reward: float, cost: float) -> None:
    assert _losses(terminated, masked) == pytest.approx((reward, cost), abs=1e-5)


def test_many_actions_are_judged_as_one_by_one() -> None:
    torch.manual_seed(0)
    critics = RewardAndCost(CvpoRun(model=StudentSettings(hidden=(8, 8))), 3, 2, torch.device("cpu"))
    observations, actions = torch.randn(5, 3), torch.randn(5, 4, 2)
    with torch.no_grad():
        q, qc = critics.judge(observations, actions)
        for drawn in range(4):
            torch.testing.assert_close(qc[:, drawn], critics.cost_of(observations, actions[:, drawn])[0])
            twins = critics.networks["reward_target"](observations, actions[:, drawn])
            torch.testing.assert_close(q[:, drawn], twins.amin(0))


@pytest.mark.parametrize("reduce_cost", ["mean", "min"])
def test_slopes_of_cost_are_autograds(reduce_cost: Literal["mean", "min"]) -> None:
    torch.manual_seed(0)
    run = CvpoRun(model=StudentSettings(hidden=(8, 8)), learner=CvpoSettings(reduce_cost=reduce_cost))
    critics = RewardAndCost(run, 3, 2, torch.device("cpu"))
    observations, actions = torch.randn(40, 3), torch.randn(40, 2, requires_grad=True)
    twins = critics.networks["cost_target"](observations, actions)
    due = twins.mean(0) if reduce_cost == "mean" else twins.amin(0)
    (slopes,) = torch.autograd.grad(due.sum(), actions)
    costs, found = critics.cost_of(observations, actions.detach())
    torch.testing.assert_close(costs, due.detach())
    torch.testing.assert_close(found, slopes)
