"""One step of training: forward, loss, backward, the optimiser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from gold_data.errors import SettingsError
from gold_train.data.batch import Batch
from gold_train.errors import CheckpointError
from gold_train.offline.schedule import learning_rate
from gold_train.offline.state import Moments
from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.losses import masked_mean_squared_error
from gold_train.policies.student import Student
from gold_train.runs.seeds import seed_update
from gold_train.settings import OfflineRun


class Updates:
    """The updates of a network, by AdamW; each a function of weights, optimiser, batch and its number alone."""

    def __init__(self, network: DecisionTransformer | Student, settings: OfflineRun, device: torch.device) -> None:
        self.network, self.device = network.to(device).train(), device
        self._settings = settings
        optimiser = settings.optimiser
        self.optimiser = torch.optim.AdamW(
            network.parameters(),
            lr=optimiser.learning_rate,
            weight_decay=optimiser.weight_decay,
            fused=True,
        )
        self._forward: Callable[..., Any] = torch.compile(network) if settings.training.compile else network
        self._autocast = settings.training.precision == "bfloat16"
        self._compiled = not settings.training.compile

    def update(self, batch: Batch, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Make update number `step`; give its loss and the norm of all gradients before they were bounded, scalars.

        Raises SettingsError where the network cannot be compiled here.
        """
        optimiser, steps = self._settings.optimiser, self._settings.training.steps
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(optimiser, steps, step)
        seed_update(self._settings.training.seed, step)
        loss = self._loss(Batch(*(tensor.to(self.device, non_blocking=True) for tensor in batch)))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        bound = torch.inf if optimiser.clip is None else optimiser.clip
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), bound)
        self.optimiser.step()
        return loss.detach(), norm

    def moments(self) -> dict[int, dict[str, torch.Tensor]]:
        """What the optimiser keeps of each parameter that it has changed."""
        state: dict[int, dict[str, torch.Tensor]] = self.optimiser.state_dict()["state"]
        return state

    def restore(self, moments: Moments) -> None:
        """Let the optimiser know what `moments` gave. Raises CheckpointError where it is not of this network."""
        state = self.optimiser.state_dict()
        shapes = [parameter.shape for parameter in self.network.parameters()]
        for number, each in moments.items():
            for name, kept in each.items():
                if number >= len(shapes) or kept.shape not in (shapes[number], torch.Size([])):
                    raise CheckpointError(
                        f"the optimiser's {name} of parameter {number} is not of this network; take another checkpoint"
                    )
        self.optimiser.load_state_dict(state | {"state": {number: dict(each) for number, each in moments.items()}})

    def _loss(self, batch: Batch) -> torch.Tensor:
        if self._compiled:
            return self._masked(batch)
        try:
            loss = self._masked(batch)
        except Exception as error:  # what the compiler lacks, it says in many ways
            raise SettingsError(
                f"training.compile: the network could not be compiled here ({type(error).__name__}); "
                "install a C++ compiler, or leave it out"
            ) from error
        self._compiled = True
        return loss

    def _masked(self, batch: Batch) -> torch.Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._autocast):
            predicted = self._predicted(batch)
        return masked_mean_squared_error(predicted.float(), batch.targets, batch.mask)

    def _predicted(self, batch: Batch) -> torch.Tensor:
        predicted: torch.Tensor
        if isinstance(self.network, Student):
            predicted = self._forward(batch.observations)
        else:
            predicted = self._forward(*batch[:2], *batch[3:])
        return predicted
