"""Windows as numpy has them -> a batch of tensors."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from gold_data.shards import WindowBatch
from gold_train.data.batch import Batch


def tensors_of(windows: WindowBatch, columns: NDArray[np.int64] | None = None) -> Batch:
    """A batch of these windows, with these columns of their observations, in this order; None: all, as they are.

    Where a dataset has no actions of an expert, those that were executed are the targets. Memory is shared with the
    windows as far as it can be.
    """
    observations = windows.observations
    if columns is not None:
        observations = np.take(observations, columns, axis=-1)
    targets = windows.actions if windows.expert_actions is None else windows.expert_actions
    return Batch(
        observations=torch.from_numpy(observations),
        actions=torch.from_numpy(windows.actions),
        targets=torch.from_numpy(targets),
        returns_to_go=torch.from_numpy(windows.returns_to_go),
        timesteps=torch.from_numpy(windows.timesteps.astype(np.int64)),
        mask=torch.from_numpy(windows.mask),
    )
