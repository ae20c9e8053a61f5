"""The parameters of networks as one vector: an optimiser's step, or a target's, is then one pass over memory."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


def as_one_vector(parameters: Sequence[nn.Parameter]) -> torch.Tensor:
    """(n,) all numbers of these parameters, which become views of it; they must stay on their device from then on."""
    vector = torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
    for parameter, view in zip(parameters, _views(vector, parameters), strict=True):
        parameter.data = view
    return vector


class Trained:
    """Parameters that Adam changes together, and the places where their gradients are to be written."""

    def __init__(self, parameters: Sequence[nn.Parameter], learning_rate: float) -> None:
        self.vector = nn.Parameter(as_one_vector(parameters))
        self.gradient = torch.zeros_like(self.vector)
        """(n,) of all of them; zero where nothing was written yet."""
        self.vector.grad = self.gradient
        self.optimiser = torch.optim.Adam([self.vector], learning_rate, fused=True)
        views = _views(self.gradient, parameters)
        self._gradients = {id(parameter): view for parameter, view in zip(parameters, views, strict=True)}

    def gradient_of(self, parameter: torch.Tensor) -> torch.Tensor:
        """The place of one of these parameters' gradient, of its shape."""
        return self._gradients[id(parameter)]

    def step(self) -> None:
        """Change the parameters by what stands in the gradients' places."""
        self.optimiser.step()


def _views(vector: torch.Tensor, parameters: Sequence[nn.Parameter]) -> list[torch.Tensor]:
    parts = torch.split(vector, [parameter.numel() for parameter in parameters])
    return [part.view(parameter.shape) for part, parameter in zip(parts, parameters, strict=True)]
