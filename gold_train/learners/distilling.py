"""The guide's actions as a teacher beside the learner's own loss (algorithms 2.6-b; the page's objective)."""

from __future__ import annotations

import torch


def asked(guide_actions: torch.Tensor) -> torch.Tensor:
    """(B,) bool: the rows in which the guide said what it would do, of (B, A) actions that are NaN elsewhere."""
    return ~guide_actions.isnan().any(-1)


def distance_to_guide(means: torch.Tensor, guide_actions: torch.Tensor) -> torch.Tensor:
    """Mean |student - guide|^2 over the rows in which the guide was asked; 0 where it was asked in none.

    `means` (B, A) are the student's mean actions.
    """
    rows = asked(guide_actions)
    squares = (means - guide_actions.where(rows.unsqueeze(-1), means)).square().sum(-1)
    return squares.sum() / rows.sum().clamp(min=1)


def cost_above(costs: torch.Tensor, limit: float, rows: torch.Tensor) -> torch.Tensor:
    """Mean max(0, Q_c - limit) over those of B rows that `rows` (B,) names; 0 where it names none."""
    return ((costs - limit).clamp(min=0) * rows).sum() / rows.sum().clamp(min=1)
