"""What an update is held against is its own products, all of them and nothing else."""

from __future__ import annotations

import torch

from benchmarks.products import Products
from benchmarks.transformer import made_up, our_update
from gold_train.settings import TrainingSettings, TransformerRun, TransformerSettings

torch.set_num_threads(1)


def test_products_of_a_linear_layer_forward_and_backward() -> None:
    layer, given = torch.nn.Linear(5, 7), torch.randn(3, 5, requires_grad=True)
    with Products() as products:
        layer(given).relu().sum().backward()
    assert len(products.made) == 3
    assert products.flops == 3 * 2 * 3 * 5 * 7
    products.again()
    assert len(products.made) == 3


def test_products_of_an_update() -> None:
    """Counted by hand: embeddings want no gradient of what is given; the last block is asked for states alone."""
    context, width, batch, size = 4, 8, 2, 6
    run = TransformerRun(
        model=TransformerSettings(context=context, width=width, layers=2, heads=2, timesteps=400),
        training=TrainingSettings(batch_size=batch),
    )
    with Products() as products:
        our_update(run, made_up(run, size))()
    steps, tokens = batch * context, 3 * batch * context
    embedded = 2 * 2 * steps * (1 + size + 2) * width
    first = 3 * 2 * (tokens * 12 * width**2 + 2 * tokens * 3 * context * width)
    last = 3 * 2 * (tokens * 2 * width**2 + steps * 10 * width**2 + 2 * steps * 3 * context * width)
    head = 3 * 2 * steps * width * 2
    assert products.flops == embedded + first + last + head
