"""Linear layers with ReLU between them, forward and backward, without autograd.

What surrounds the products of matrices this small takes autograd as long as half of them; and the products are oneDNN's
where torch has it, which on AMD's processors are twice as fast as the MKL's that torch takes itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch import nn
from torch.nn import functional

NARROW: Final = 16  # rows, columns: below, oneDNN is not worth its call
ONEDNN: Final[bool] = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
EPSILON: Final = 1e-5  # of layer norm, torch's own


@dataclass(frozen=True)
class Perceptron:
    """The parameters of one network, or the places of their gradients: of layer k (outer, inner) and (outer,).

    `scales` and `shifts`, (outer,) of each hidden layer, are those of layer norm before the ReLU; without it, none.
    """

    weights: tuple[torch.Tensor, ...]
    biases: tuple[torch.Tensor, ...]
    scales: tuple[torch.Tensor, ...] = ()
    shifts: tuple[torch.Tensor, ...] = ()

    def each(self, change: Callable[[torch.Tensor], torch.Tensor]) -> Perceptron:
        """The same of what `change` makes of each tensor."""
        kinds = self.weights, self.biases, self.scales, self.shifts
        return Perceptron(*(tuple(map(change, tensors)) for tensors in kinds))

    def members(self) -> Iterator[Perceptron]:
        """Networks whose parameters stand side by side along a first dimension, one by one."""
        for number in range(len(self.weights[0])):
            yield self.each(lambda tensor, number=number: tensor[number])  # type: ignore[misc]


@dataclass(frozen=True)
class Passed:
    """What backward needs of forward."""

    given: tuple[torch.Tensor, ...]  # to each layer, (B, inner)
    normed: tuple[tuple[torch.Tensor, ...], ...]  # to each layer norm, (B, outer), with its means and inverse spreads


def forward(network: Perceptron, inputs: torch.Tensor) -> tuple[torch.Tensor, Passed]:
    """(B, I) to (B, O), and what `backward` needs."""
    given, normed = [inputs], []
    for number in range(len(network.weights) - 1):
        weights, biases = network.weights[number], network.biases[number]
        if network.scales:
            features = product(given[-1], weights, biases)
            width, scale, shift = [features.shape[-1]], network.scales[number], network.shifts[number]
            outputs, mean, inverse = torch.native_layer_norm(features, width, scale, shift, EPSILON)
            normed.append((features, mean, inverse))
            given.append(outputs.relu_())
        else:
            given.append(product(given[-1], weights, biases, relu=True))
    return product(given[-1], network.weights[-1], network.biases[-1]), Passed(tuple(given), tuple(normed))


def backward(network: Perceptron, passed: Passed, outer: torch.Tensor, gradients: Perceptron) -> None:
    """Write the parameters' gradients over `gradients`, of the gradient (B, O) of what `forward` gave."""
    for number, gradient in _backwards(network, passed, outer, gradients):
        gradients.weights[number].copy_(product(gradient.T, passed.given[number].T))
        torch.sum(gradient, 0, out=gradients.biases[number])


def backward_to(network: Perceptron, passed: Passed, outer: torch.Tensor, columns: slice) -> torch.Tensor:
    """(B, n) gradient of these columns of the inputs, of the gradient (B, O) of what `forward` gave."""
    *_, (_, gradient) = _backwards(network, passed, outer, None)
    return product(gradient, network.weights[0][:, columns].T)


def product(
    rows: torch.Tensor, weights: torch.Tensor, biases: torch.Tensor | None = None, relu: bool = False
) -> torch.Tensor:
    """(B, I) by (O, I) to (B, O), plus (O,).

    Transposed ones are read as fast; of a slice of columns give a copy, which oneDNN would read element by element.
    """
    wide = min(rows.shape[0], *weights.shape) >= NARROW
    if wide and ONEDNN and rows.dtype == torch.float32 and rows.device.type == "cpu":
        fused: torch.Tensor = torch.ops.mkldnn._linear_pointwise.default(
            rows, weights, biases, "relu" if relu else "none", [], ""
        )
        return fused
    outputs = functional.linear(rows, weights, biases)
    return outputs.relu_() if relu else outputs


def perceptron_of(layers: Iterable[nn.Module]) -> Perceptron:
    """The network that torch's linear layers are, with a ReLU between each two."""
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    return Perceptron(tuple(layer.weight for layer in linear), tuple(layer.bias for layer in linear))


def _backwards(
    network: Perceptron, passed: Passed, outer: torch.Tensor, gradients: Perceptron | None
) -> Iterator[tuple[int, torch.Tensor]]:
    """Layers from the last to the first, with the gradient of what each gave; layer norms' are written on the way."""
    yield len(network.weights) - 1, outer
    for after, number in pairwise(reversed(range(len(network.weights)))):
        outer = product(outer, network.weights[after].T)
        outer = torch.ops.aten.threshold_backward(outer, passed.given[after], 0)
        if network.scales:
            features, mean, inverse = passed.normed[number]
            scale, shift = network.scales[number], network.shifts[number]
            outer, of_scale, of_shift = torch.ops.aten.native_layer_norm_backward(
                outer, features, [features.shape[-1]], mean, inverse, scale, shift, [True, True, True]
            )
            if gradients:
                gradients.scales[number].copy_(of_scale)
                gradients.shifts[number].copy_(of_shift)
        yield number, outer
