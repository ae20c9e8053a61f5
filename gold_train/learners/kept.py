"""All that changes in a learner, by name: what a training that goes on needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from gold_train.errors import CheckpointError


@dataclass(frozen=True)
class Kept:
    """Networks and their optimisers by name, and single numbers as tensors of no dimension.

    Restoring changes all of them in place.
    """

    networks: Mapping[str, nn.Module]
    optimisers: Mapping[str, torch.optim.Optimizer]
    numbers: Mapping[str, torch.Tensor]

    def tensors(self) -> dict[str, torch.Tensor]:
        """Copies, as `network.weight`, `optimiser.0.exp_avg` and `number`; none of an optimiser that made no step."""
        now = self._networks() | dict(self.numbers) | self._moments()
        return {name: tensor.detach().clone() for name, tensor in now.items()}

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Go on from what `tensors` gave.

        Raises CheckpointError, with nothing changed, where it is of another learner.
        """
        due = self._networks() | dict(self.numbers)
        moments = {name: due_moments for name in self.optimisers if (due_moments := self._moments_due(name, tensors))}
        for each in moments.values():
            due |= each
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
            for name, tensor in (self._networks() | dict(self.numbers)).items():
                tensor.copy_(tensors[name])
        for name, optimiser in self.optimisers.items():
            state: dict[int, dict[str, torch.Tensor]] = {}
            for full in moments.get(name, {}):
                number, kind = full.removeprefix(f"{name}.").split(".")
                state.setdefault(int(number), {})[kind] = tensors[full].clone()
            optimiser.load_state_dict(optimiser.state_dict() | {"state": state})

    def _networks(self) -> dict[str, torch.Tensor]:
        return {
            f"{name}.{part}": tensor
            for name, network in self.networks.items()
            for part, tensor in network.state_dict().items()
        }

    def _moments(self) -> dict[str, torch.Tensor]:
        return {
            f"{name}.{number}.{kind}": tensor
            for name, optimiser in self.optimisers.items()
            for number, kinds in optimiser.state_dict()["state"].items()
            for kind, tensor in kinds.items()
        }

    def _moments_due(self, name: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """What Adam keeps of each parameter, where `tensors` hold anything of this optimiser: it may not have begun."""
        if not any(key.startswith(f"{name}.") for key in tensors):
            return {}
        parameters = [each for group in self.optimisers[name].param_groups for each in group["params"]]
        due: dict[str, torch.Tensor] = {}
        for number, parameter in enumerate(parameters):
            due[f"{name}.{number}.step"] = torch.zeros(())
            due[f"{name}.{number}.exp_avg"] = due[f"{name}.{number}.exp_avg_sq"] = parameter
        return due
