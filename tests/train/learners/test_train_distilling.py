"""The guide's actions as a teacher (algorithms 2.6-b; known answer X03)."""

from __future__ import annotations

import pytest
import torch

from gold_train.learners.distilling import asked, cost_above, distance_to_guide

MEANS = torch.tensor([[0.1, 0.2], [0.0, -0.3]])
GUIDE = torch.tensor([[0.2, 0.2], [-0.1, -0.1]])
NOT_ASKED = torch.full((1, 2), torch.nan)


def test_the_pages_objective() -> None:
    distance = distance_to_guide(MEANS, GUIDE)
    above = cost_above(torch.tensor([0.2, 0.5]), 0.3, asked(GUIDE))
    assert (distance.item(), above.item()) == pytest.approx((0.03, 0.1), abs=1e-7)
    assert (distance + 2 * above).item() == pytest.approx(0.23, abs=1e-7)


def test_rows_in_which_the_guide_was_not_asked_do_not_count() -> None:
    means = torch.cat((MEANS, torch.tensor([[0.9, 0.9]]))).requires_grad_()
    guide = torch.cat((GUIDE, NOT_ASKED))
    distance = distance_to_guide(means, guide)
    assert distance.item() == pytest.approx(0.03, abs=1e-7)
    (slope,) = torch.autograd.grad(distance, means)
    torch.testing.assert_close(slope[:2], MEANS - GUIDE)
    assert slope[2].tolist() == [0, 0]
    assert cost_above(torch.tensor([0.2, 0.5, 9.0]), 0.3, asked(guide)).item() == pytest.approx(0.1, abs=1e-7)


def test_a_guide_that_was_never_asked_teaches_nothing() -> None:
    assert distance_to_guide(MEANS[:1], NOT_ASKED).item() == 0
    assert cost_above(torch.ones(1), 0.3, asked(NOT_ASKED)).item() == 0
