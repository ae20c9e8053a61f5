"""Networks that move after others: targets, and the policy as it was."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import torch
from torch import nn

from gold_train.learners.vector import as_one_vector

Network = TypeVar("Network", bound=nn.Module)


class Follower(Generic[Network]):
    """A copy of a network that no gradient changes; its parameters are views of one vector."""

    def __init__(self, network: Network, share: float) -> None:
        """`share` of what is between is what it moves by at once."""
        self.network = copy.deepcopy(network).requires_grad_(requires_grad=False)
        self._vector, self._share = as_one_vector(list(self.network.parameters())), share

    def follow(self, vector: torch.Tensor) -> None:
        """Move towards the followed network's parameters, given as one vector (known answer K11)."""
        self._vector.lerp_(vector, self._share)
