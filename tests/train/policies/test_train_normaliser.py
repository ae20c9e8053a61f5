"""Observations about zero, of unit spread, without outliers."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gold_train.policies.normaliser import Normaliser

torch.set_num_threads(1)


def test_a_feature_that_never_moved_does_not_become_a_spike() -> None:
    normaliser = Normaliser(torch.tensor([0.5, 0.0]), torch.tensor([0.25, 0.0]), min_std=1e-2, clip=10.0)
    z = normaliser(torch.tensor([[0.75, 0.02], [0.0, 1.0]]))
    torch.testing.assert_close(z, torch.tensor([[1.0, 2.0], [-2.0, 10.0]]))


@given(
    arrays.arrays(np.float32, (4, 3), elements=st.floats(-1e3, 1e3, width=32)),
    arrays.arrays(np.float32, (3,), elements=st.floats(0, 10, width=32)),
)
@settings(max_examples=50, deadline=None)
def test_it_is_the_formula(observations: np.ndarray, std: np.ndarray) -> None:
    normaliser = Normaliser(torch.tensor([0.0, 1.0, -2.0]), torch.from_numpy(std), min_std=0.1, clip=3.0)
    expected = np.clip((observations - [0.0, 1.0, -2.0]) / np.maximum(std, 0.1), -3, 3)
    np.testing.assert_allclose(normaliser(torch.from_numpy(observations)).numpy(), expected, rtol=1e-4, atol=1e-5)


def test_it_travels_with_the_weights_and_is_not_trained() -> None:
    normaliser = Normaliser(torch.tensor([1.0]), torch.tensor([2.0]), min_std=0.1, clip=3.0)
    assert set(normaliser.state_dict()) == {"mean", "std"}
    assert not list(normaliser.parameters())


def test_it_keeps_numbers_of_its_own() -> None:
    mean = torch.zeros(1)
    normaliser = Normaliser(mean, torch.ones(1), min_std=0.1, clip=3.0)
    mean += 5
    assert normaliser(torch.ones(1)).item() == 1.0
