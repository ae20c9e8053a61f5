"""What an update of a learner is held against is all of its products, and no other."""

from __future__ import annotations

import pytest
import torch

from benchmarks.learner import LEARNERS, row, update_of
from benchmarks.products import Products

torch.set_num_threads(1)
ROWS, SIZE, WIDTH, ACTIONS = 256, 30, 256, 2


def passes(inputs: int, outputs: int, *, backward: bool) -> int:
    """Operations of one network forward, or backward to its parameters, counted by hand."""
    layers = inputs * WIDTH, WIDTH * WIDTH, WIDTH * outputs
    return 2 * ROWS * (sum(layers) + backward * sum(layers[1:]))


@pytest.mark.parametrize(("name", "outputs"), [("IQL, awr", ACTIONS), ("IQL, pathwise", 2 * ACTIONS)])
def test_products_of_an_update(name: str, outputs: int) -> None:
    update = update_of(LEARNERS[name], SIZE)
    with Products() as products:
        update()
    judged, value, policy = (SIZE + ACTIONS, 1), (SIZE, 1), (SIZE, outputs)
    due = sum(passes(*each, backward=False) for each in [judged] * 4 + [value] * 3 + [policy])
    due += sum(passes(*each, backward=True) for each in [judged] * 2 + [value, policy])
    if name == "IQL, pathwise":
        to_the_actions = 2 * ROWS * (WIDTH + WIDTH * WIDTH + WIDTH * ACTIONS)
        due += 2 * (passes(*judged, backward=False) + to_the_actions)
    assert abs(products.flops - due) <= 2 * ROWS * ACTIONS  # regression sums its log std's gradient by one


def test_a_row_has_rates_of_both() -> None:
    found = row("update", update_of(LEARNERS["IQL, awr"], SIZE), repeats=2)
    assert len(found.ours) == len(found.theirs) == 2
    assert min(found.ours + found.theirs) > 0
