"""What is made small."""

from __future__ import annotations

import torch


def masked_mean_squared_error(predicted: torch.Tensor, targets: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of (predicted - targets)^2 over all actions where `mask` is True, a scalar (algorithms 2.2, K06).

    Actions (B, K, A), mask (B, K). The mean is over the valid steps of the whole batch, as in seq_trainer.py of
    kzl/decision-transformer: dividing by all steps would make the step size depend on the padding.
    """
    errors = (predicted - targets).square().mean(dim=-1)
    return errors.masked_fill(~mask, 0.0).sum() / mask.sum()
