"""A student whose mean and spread are two layers of the same features, as one perceptron."""

from __future__ import annotations

import torch
from torch import nn

from gold_train.learners.perceptron import Passed, Perceptron, backward, forward, perceptron_of
from gold_train.learners.vector import Trained
from gold_train.policies.student import Student


class TwoHeads:
    """Both heads are made by one product, and their gradients by another."""

    def __init__(self, student: Student) -> None:
        assert isinstance(student.log_std, nn.Linear)
        self._hidden = perceptron_of(student.hidden)
        self._heads = student.mean, student.log_std

    def forward(self, observations: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, Passed]:
        """(B, A) means before tanh and unbounded log standard deviations of (B, D), and what `backward` needs."""
        outputs, passed = forward(self._network(), observations)
        mean, unbounded = outputs.chunk(2, -1)
        return mean, unbounded, passed

    def backward(self, passed: Passed, of_mean: torch.Tensor, of_spread: torch.Tensor, trained: Trained) -> None:
        """Write the gradients to their places in `trained`, of those (B, A) of what `forward` gave."""
        network, hidden = self._network(), self._hidden.each(trained.gradient_of)
        heads = network.weights[-1], network.biases[-1]
        weights, biases = map(torch.empty_like, heads)
        gradients = Perceptron((*hidden.weights, weights), (*hidden.biases, biases))
        backward(network, passed, torch.cat((of_mean, of_spread), -1), gradients)
        for head, of_weight, of_bias in zip(self._heads, weights.chunk(2), biases.chunk(2), strict=True):
            trained.gradient_of(head.weight).copy_(of_weight)
            trained.gradient_of(head.bias).copy_(of_bias)

    def _network(self) -> Perceptron:
        mean, log_std = self._heads
        weights, biases = torch.cat((mean.weight, log_std.weight)), torch.cat((mean.bias, log_std.bias))
        return Perceptron((*self._hidden.weights, weights), (*self._hidden.biases, biases))
