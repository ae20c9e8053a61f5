"""Chance that knows the update's number."""

from __future__ import annotations

import torch

from gold_train.runs.seeds import seed_update, seed_weights


def test_chance_is_another_in_each_update_and_the_same_again() -> None:
    def drawn(seed: int, step: int | None) -> float:
        if step is None:
            seed_weights(seed)
        else:
            seed_update(seed, step)
        return float(torch.rand(1))

    asked = [(seed, step) for seed in (0, 1) for step in (None, 0, 1, 2)]
    first = [drawn(*each) for each in asked]
    assert [drawn(*each) for each in asked] == first
    assert len(set(first)) == len(asked)
