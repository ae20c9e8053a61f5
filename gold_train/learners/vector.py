"""The parameters of networks as one vector: an optimiser's step, or a target's, is then one pass over memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import nn

FIRST_DECAY: Final = 0.9  # Kingma and Ba 2015, as torch.optim.Adam has them
SECOND_DECAY: Final = 0.999
EPSILON: Final = 1e-8
CLIP_EPSILON: Final = 1e-6  # as torch.nn.utils.clip_grad_norm_ has it


def as_one_vector(parameters: Sequence[nn.Parameter]) -> torch.Tensor:
    """(n,) all numbers of these parameters, which become views of it; they must stay on their device from then on."""
    vector = torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
    for parameter, view in zip(parameters, _views(vector, parameters), strict=True):
        parameter.data = view
    return vector


class Trained:
    """Parameters that Adam changes together, and the places where their gradients are to be written."""

    def __init__(self, parameters: Sequence[nn.Parameter], learning_rate: float) -> None:
        self.vector = as_one_vector(parameters)
        self.gradient = torch.zeros_like(self.vector)
        """(n,) of all of them; zero where nothing was written yet."""
        self._learning_rate = learning_rate
        self.moments = {
            "exp_avg": torch.zeros_like(self.vector),
            "exp_avg_sq": torch.zeros_like(self.vector),
            "step": torch.zeros((), device=self.vector.device),
        }
        """What Adam keeps, by torch's names."""
        views = _views(self.gradient, parameters)
        self._gradients = {id(parameter): view for parameter, view in zip(parameters, views, strict=True)}

    def gradient_of(self, parameter: torch.Tensor) -> torch.Tensor:
        """The place of one of these parameters' gradient, of its shape."""
        return self._gradients[id(parameter)]

    def clip(self, most: float) -> torch.Tensor:
        """Shorten the gradient to a norm of `most`, and give the norm that it had."""
        norm: torch.Tensor = torch.linalg.vector_norm(self.gradient)
        self.gradient.mul_((most / (norm + CLIP_EPSILON)).clamp(max=1))
        return norm

    def step(self) -> None:
        """Change the parameters by what stands in the gradients' places.

        The kernel of torch.optim.Adam(fused=True), without what surrounds it there, which takes longer at this size.
        """
        moments = self.moments
        moments["step"] += 1
        torch._fused_adam_(
            [self.vector],
            [self.gradient],
            [moments["exp_avg"]],
            [moments["exp_avg_sq"]],
            [],
            [moments["step"]],
            lr=self._learning_rate,
            beta1=FIRST_DECAY,
            beta2=SECOND_DECAY,
            weight_decay=0.0,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )


def _views(vector: torch.Tensor, parameters: Sequence[nn.Parameter]) -> list[torch.Tensor]:
    parts = torch.split(vector, [parameter.numel() for parameter in parameters])
    return [part.view(parameter.shape) for part, parameter in zip(parts, parameters, strict=True)]
