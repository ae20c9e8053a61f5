"""Known answers K29, K30 of algorithms.md."""

from __future__ import annotations

import numpy as np
import torch

from gold_train.policies.normaliser import Normaliser
from gold_train.policies.student import Student
from gold_train.settings import StudentSettings

torch.set_num_threads(1)


def student(size: int, hidden: tuple[int, ...], std: float = 1.0) -> Student:
    normaliser = Normaliser(torch.zeros(size), torch.full((size,), std), min_std=1e-2, clip=10.0)
    return Student(StudentSettings(hidden=hidden), normaliser, size, 2)


def formula() -> Student:
    made = student(5, (16, 16))
    weights = [part for name, part in made.named_parameters() if name != "log_std"]
    for number, part in enumerate(weights):
        part.data = (0.3 * torch.sin(0.7 * torch.arange(part.numel()) + 1.3 * number)).reshape(part.shape)
    return made


OBSERVATIONS = np.cos(0.9 * np.arange(3)[:, None] + np.arange(5)).astype(np.float32)


def test_k29_parameters() -> None:
    assert sum(part.numel() for part in student(161, (256, 256)).parameters()) == 107_780
    assert sum(part.numel() for part in student(60, (256, 256)).parameters()) == 81_924


def test_k30_mean_actions() -> None:
    expected = [[0.1845610728, 0.5027016451], [0.2640148573, 0.6864368282], [0.07468070868, 0.5988744821]]
    np.testing.assert_allclose(formula()(torch.from_numpy(OBSERVATIONS)).detach(), expected, atol=1e-6)


def test_k30_exported_arrays_give_the_same() -> None:
    made = student(5, (16, 8), std=0.5)
    arrays = {name: part.numpy() for name, part in made.state_dict().items()}
    hidden = np.clip((OBSERVATIONS - arrays["normaliser.mean"]) / arrays["normaliser.std"], -10, 10)
    for layer in ("hidden.0", "hidden.2"):
        hidden = np.maximum(hidden @ arrays[f"{layer}.weight"].T + arrays[f"{layer}.bias"], 0)
    expected = np.tanh(hidden @ arrays["mean.weight"].T + arrays["mean.bias"])
    np.testing.assert_allclose(made(torch.from_numpy(OBSERVATIONS)).detach(), expected, atol=1e-6)


def test_windows_are_taken_step_by_step() -> None:
    made, windows = formula(), torch.randn(2, 4, 5)
    torch.testing.assert_close(made(windows), torch.stack([made(windows[:, step]) for step in range(4)], dim=1))


def test_no_hidden_layer_is_a_linear_policy() -> None:
    made = student(5, ())
    expected = np.tanh(OBSERVATIONS @ made.mean.weight.detach().numpy().T + made.mean.bias.detach().numpy())
    np.testing.assert_allclose(made(torch.from_numpy(OBSERVATIONS)).detach(), expected, atol=1e-6)
