"""Two critics of the same: their steps are autograd's and Adam's."""

from __future__ import annotations

import copy

import torch

from gold_train.learners.critics import TwinCritic
from gold_train.learners.twins import Twins


def test_steps_and_values_are_those_of_torch() -> None:
    torch.manual_seed(0)
    critic = TwinCritic((8, 6), 3, 2, layer_norm=True).double()
    theirs, first = copy.deepcopy(critic), copy.deepcopy(critic)
    twins, adam = Twins(critic, 1e-2, 0.25), torch.optim.Adam(theirs.parameters(), 1e-2)
    for _ in range(3):
        observations, actions, aims = (torch.randn(12, size, dtype=torch.float64) for size in (3, 2, 1))
        judged = torch.cat((observations, actions), -1)
        torch.testing.assert_close(twins.judge(judged), first(observations, actions))
        due = theirs(observations, actions)
        losses = (due - aims.squeeze(-1)).square().mean(1).sum()
        adam.zero_grad()
        torch.autograd.backward(losses)
        adam.step()
        with torch.no_grad():
            loss, values = twins.step(judged, aims.squeeze(-1))
        torch.testing.assert_close(values, due.detach())
        torch.testing.assert_close(loss, losses.detach())
    for ours, other in zip(critic.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(ours, other)
    twins.follow()
    for target, old, new in zip(twins.target.parameters(), first.parameters(), critic.parameters(), strict=True):
        torch.testing.assert_close(target.detach(), (0.75 * old + 0.25 * new).detach())
