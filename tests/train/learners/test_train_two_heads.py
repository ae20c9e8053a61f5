"""Both heads of a student as one layer: values and gradients are autograd's."""

from __future__ import annotations

import torch

from gold_train.learners.two_heads import TwoHeads
from gold_train.learners.vector import Trained
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.student import Student
from gold_train.settings import StudentSettings


def test_values_and_gradients_are_autograds() -> None:
    torch.manual_seed(0)
    normaliser = Normaliser(torch.zeros(5), torch.ones(5), 1e-2, 10.0)
    student = Student(StudentSettings(hidden=(8, 6)), normaliser, 5, 2, "state").double()
    trained, network = Trained(list(student.parameters()), 1e-3), TwoHeads(student)
    observations, of_mean, of_spread = (torch.randn(12, size, dtype=torch.float64) for size in (5, 2, 2))
    due = student.parts(observations)
    torch.autograd.backward(due, (of_mean, of_spread))
    with torch.no_grad():
        mean, spread, passed = network.forward(observations)
        network.backward(passed, of_mean, of_spread, trained)
    torch.testing.assert_close((mean, spread), tuple(each.detach() for each in due))
    for parameter in student.parameters():
        torch.testing.assert_close(trained.gradient_of(parameter), parameter.grad)
