"""All that changes in a learner, by name: what a training that goes on needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from gold_train.errors import CheckpointError
from gold_train.learners.vector import Trained


@dataclass(frozen=True)
class Kept:
    """Networks and what trains them by name, and single numbers as tensors of no dimension.

    Restoring changes all of them in place.
    """

    networks: Mapping[str, nn.Module]
    trained: Mapping[str, Trained]
    numbers: Mapping[str, torch.Tensor]

    def tensors(self) -> dict[str, torch.Tensor]:
        """Copies, as `network.weight`, `trained.exp_avg` and `number`."""
        return {name: tensor.detach().clone() for name, tensor in self._now().items()}

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Go on from what `tensors` gave.

        Raises CheckpointError, with nothing changed, where it is of another learner.
        """
        due = self._now()
        if lacking := sorted(due.keys() - tensors.keys()):
            raise CheckpointError(f"the learner's state lacks {lacking[0]}; take a checkpoint of these settings")
        if unknown := sorted(tensors.keys() - due.keys()):
            raise CheckpointError(f"this learner has no {unknown[0]}; take a checkpoint of these settings")
        for name, tensor in due.items():
            if tensor.shape != tensors[name].shape:
                raise CheckpointError(
                    f"the learner's {name} has shape {tuple(tensors[name].shape)} and not {tuple(tensor.shape)}; "
                    "take a checkpoint of these settings"
                )
        with torch.no_grad():
            for name, tensor in due.items():
                tensor.copy_(tensors[name])

    def _now(self) -> dict[str, torch.Tensor]:
        networks = {name: network.state_dict() for name, network in self.networks.items()}
        moments = {name: trained.moments for name, trained in self.trained.items()}
        return dict(self.numbers) | {
            f"{name}.{part}": tensor for name, parts in (networks | moments).items() for part, tensor in parts.items()
        }
