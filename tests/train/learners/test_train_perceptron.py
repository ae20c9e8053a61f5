"""Gradients by hand are autograd's, whichever library multiplies."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_train.learners.perceptron import Perceptron, backward, backward_to, forward, perceptron_of, product

torch.set_num_threads(1)


def made(widths: tuple[int, ...], layer_norm: bool, dtype: torch.dtype) -> Perceptron:
    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, dtype=dtype) / math.sqrt(shape[-1])

    layers = list(pairwise(widths))
    normed = [outer for _, outer in layers[:-1]] if layer_norm else []
    return Perceptron(
        tuple(drawn(outer, inner) for inner, outer in layers),
        tuple(drawn(outer) for _, outer in layers),
        tuple(1 + drawn(width) for width in normed),
        tuple(drawn(width) for width in normed),
    )


def by_torch(network: Perceptron, inputs: torch.Tensor) -> torch.Tensor:
    features = inputs
    for number, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        features = torch.nn.functional.linear(features, weights, biases)
        if number < len(network.weights) - 1:
            if network.scales:
                scale, shift = network.scales[number], network.shifts[number]
                features = torch.nn.functional.layer_norm(features, features.shape[-1:], scale, shift)
            features = features.relu()
    return features


@settings(max_examples=25, deadline=None)
@given(
    rows=st.integers(1, 40),
    widths=st.lists(st.integers(1, 40), min_size=2, max_size=5),
    layer_norm=st.booleans(),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    seed=st.integers(0, 10_000),
)
def test_forward_and_backward_are_autograds(
    rows: int, widths: list[int], layer_norm: bool, dtype: torch.dtype, seed: int
) -> None:
    torch.manual_seed(seed)
    network = made(tuple(widths), layer_norm, dtype)
    inputs, outer = torch.randn(rows, widths[0], dtype=dtype), torch.randn(rows, widths[-1], dtype=dtype)
    columns = slice(widths[0] // 2, None)
    outputs, passed = forward(network, inputs)
    gradients = network.each(torch.empty_like)
    backward(network, passed, outer, gradients)
    of_inputs = backward_to(network, passed, outer, columns)

    leaves = network.each(lambda tensor: tensor.clone().requires_grad_())
    read = inputs.clone().requires_grad_()
    due = by_torch(leaves, read)
    torch.autograd.backward(due, outer)
    near = 1e-3 if dtype == torch.float32 else 1e-7
    torch.testing.assert_close(outputs, due.detach(), atol=near, rtol=near)
    assert read.grad is not None
    torch.testing.assert_close(of_inputs, read.grad[:, columns], atol=near, rtol=near)
    pairs = zip(
        (*leaves.weights, *leaves.biases, *leaves.scales, *leaves.shifts),
        (*gradients.weights, *gradients.biases, *gradients.scales, *gradients.shifts),
        strict=True,
    )
    for leaf, found in pairs:
        torch.testing.assert_close(found, leaf.grad, atol=near, rtol=near)


@pytest.mark.parametrize("relu", [False, True])
def test_products_of_any_strides(relu: bool) -> None:
    torch.manual_seed(0)
    rows, weights, biases = torch.randn(60, 33).T[:, ::2], torch.randn(30, 20).T, torch.randn(20)
    due = rows.double() @ weights.double().T + biases.double()
    found = product(rows, weights, biases, relu=relu)
    torch.testing.assert_close(found.double(), due.relu() if relu else due, atol=1e-4, rtol=1e-4)


def test_members_are_views_side_by_side() -> None:
    both = Perceptron((torch.randn(2, 3, 4),), (torch.randn(2, 3),))
    one, other = both.members()
    one.weights[0].zero_()
    assert both.weights[0][0].abs().sum() == 0
    assert torch.equal(other.biases[0], both.biases[0][1])


def test_the_network_that_layers_of_torch_are() -> None:
    torch.manual_seed(0)
    layers = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2))
    inputs = torch.randn(4, 3)
    with torch.no_grad():
        torch.testing.assert_close(forward(perceptron_of(layers), inputs)[0], layers(inputs))
