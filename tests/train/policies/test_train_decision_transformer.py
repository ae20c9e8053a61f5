"""Known answers K03, K04, K07, K29 of algorithms.md, and what holds for any weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_train.policies.block import Block
from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.normaliser import Normaliser
from gold_train.settings import PRESETS, TransformerSettings

torch.set_num_threads(1)

SIZE, ACTIONS = 3, 2
Steps = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def unchanged(size: int) -> Normaliser:
    return Normaliser(torch.zeros(size), torch.ones(size), min_std=1e-2, clip=10.0)


def network(size: int = SIZE, **changes: object) -> DecisionTransformer:
    settings = TransformerSettings.model_validate(
        {"context": 4, "width": 8, "layers": 1, "heads": 2, "timesteps": 10, "dropout": 0.1} | changes
    )
    return DecisionTransformer(settings, unchanged(size), size, ACTIONS, scale=1.0).eval()


def wave(number: int, like: torch.Tensor) -> torch.Tensor:
    return (0.3 * torch.sin(0.7 * torch.arange(like.numel(), dtype=torch.float64) + 1.3 * number)).reshape(like.shape)


@pytest.fixture(scope="module")
def formula() -> DecisionTransformer:
    """Tensor n, flat index j: 0.3 sin(0.7 j + 1.3 n); in double precision."""
    made = network().double()
    block = made.blocks[0]
    assert isinstance(block, Block)
    key_weight, value_weight = block.key_value.weight.data.chunk(2)
    key_bias, value_bias = block.key_value.bias.data.chunk(2)
    ordered = [
        made.time.weight.data,
        *(part.data for layer in (made.return_to_go, made.state, made.action) for part in (layer.weight, layer.bias)),
        block.query.weight.data,
        block.query.bias.data,
        key_weight,
        key_bias,
        value_weight,
        value_bias,
        *(part.data for layer in (block.attended, block.inner, block.outer) for part in (layer.weight, layer.bias)),
        made.head.weight.data,
        made.head.bias.data,
    ]
    for number, tensor in enumerate(ordered):
        tensor.copy_(wave(number, tensor))
    return made


@pytest.fixture
def steps() -> Steps:
    time, feature = torch.arange(4, dtype=torch.float64), torch.arange(SIZE, dtype=torch.float64)
    observations = torch.cos(0.5 * time[:, None] + feature)
    actions = torch.sin(0.3 * time[:, None] + feature[:ACTIONS])
    return (
        observations[None],
        actions[None],
        1 - 0.1 * time[None],
        torch.arange(2, 6)[None],
        torch.ones(1, 4, dtype=torch.bool),
    )


def test_k03_forward(formula: DecisionTransformer, steps: Steps) -> None:
    expected = [
        [0.8680890769, 0.9115828354],
        [0.8294224466, 0.903855273],
        [0.7865893004, 0.8793106052],
        [0.7488767396, 0.7909490048],
    ]
    np.testing.assert_allclose(formula(*steps)[0].detach(), expected, atol=1e-9)


def test_k03_the_future_and_the_own_action_are_not_seen(formula: DecisionTransformer, steps: Steps) -> None:
    before = formula(*steps)
    observations, actions, returns, timesteps, mask = (each.clone() for each in steps)
    observations[:, 3] += 5
    actions[:, 3] -= 3
    returns[:, 3] = 9
    changed = formula(observations, actions, returns, timesteps, mask)
    assert torch.equal(changed[:, :3], before[:, :3])
    assert (changed[:, 3] - before[:, 3]).abs().max().item() == pytest.approx(0.08595504, abs=1e-8)
    own = steps[1].clone()
    own[:, 3] = 7
    assert torch.equal(formula(steps[0], own, *steps[2:]), before)


def test_k04_padding(formula: DecisionTransformer, steps: Steps) -> None:
    expected = [[0.8315297556, 0.8350467191], [0.7745766539, 0.7723434646]]
    short = formula(*(each[:, 2:] for each in steps))
    np.testing.assert_allclose(short[0].detach(), expected, atol=1e-9)
    observations, actions, returns, timesteps, mask = (each.clone() for each in steps)
    observations[:, :2], actions[:, :2], returns[:, :2], timesteps[:, :2], mask[:, :2] = 99, -10, 7, 0, False
    padded = formula(observations, actions, returns, timesteps, mask)
    np.testing.assert_allclose(padded[:, 2:].detach(), short.detach(), atol=1e-12)


def test_k07_token_order(formula: DecisionTransformer, steps: Steps) -> None:
    first_state = [-1.719610695, 0.5882037511, 0.06129166668, 0.8640158183]
    first_state += [0.9993517165, 0.1449622327, 0.6459777091, -1.584192199]
    last_action = [0.8153737434, 0.9156917202, -0.7177253129, 0.636106708]
    last_action += [-1.725380818, 1.031936361, -1.212202678, 0.2562002766]
    every = formula.features(*steps, read=slice(None))
    assert every.shape == (1, 12, 8)
    np.testing.assert_allclose(every[0, 1].detach(), first_state, atol=1e-8)
    np.testing.assert_allclose(every[0, 11].detach(), last_action, atol=1e-8)
    states = formula.features(*steps, read=slice(1, None, 3))
    torch.testing.assert_close(states, every[:, [1, 4, 7, 10]], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("preset", "size", "expected"),
    [
        ("toy", 9, 15_330),
        ("paper", 161, 668_162),
        ("x10", 161, 1_262_978),
        ("large", 161, 3_305_730),
        ("gpt2", 161, 85_494_530),
    ],
)
def test_k29_parameters(preset: str, size: int, expected: int) -> None:
    with torch.device("meta"):
        made = DecisionTransformer(PRESETS[preset], unchanged(size), size, ACTIONS, scale=50.0)
    assert sum(part.numel() for part in made.parameters()) == expected


def random_steps(generator: torch.Generator, batch: int, length: int) -> Steps:
    return (
        torch.randn(batch, length, SIZE, generator=generator),
        torch.rand(batch, length, ACTIONS, generator=generator) * 2 - 1,
        torch.randn(batch, length, generator=generator) * 5,
        torch.randint(0, 30, (batch, length), generator=generator),
        torch.ones(batch, length, dtype=torch.bool),
    )


@given(seed=st.integers(0, 2**32), batch=st.integers(1, 3), valid=st.integers(1, 5), padding=st.integers(0, 4))
@settings(max_examples=25, deadline=None)
def test_what_is_padding_does_not_matter(seed: int, batch: int, valid: int, padding: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    made = network(context=9, width=16, layers=2, timesteps=20)
    steps = random_steps(generator, batch, padding + valid)
    steps[4][:, :padding] = False
    short = made(*(each[:, padding:] for each in steps))
    torch.testing.assert_close(made(*steps)[:, padding:], short, rtol=1e-5, atol=1e-6)


@given(seed=st.integers(0, 2**32), change=st.integers(0, 5))
@settings(max_examples=25, deadline=None)
def test_an_action_depends_on_nothing_after_its_state(seed: int, change: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    made = network(context=6, width=16, layers=2)
    steps, others = random_steps(generator, 2, 6), random_steps(generator, 2, 6)
    mixed = [
        torch.cat((ours[:, :change], theirs[:, change:]), dim=1) for ours, theirs in zip(steps, others, strict=True)
    ]
    mixed[0][:, change], mixed[2][:, change], mixed[3][:, change] = (steps[part][:, change] for part in (0, 2, 3))
    seen, expected = made(*mixed), made(*steps)
    torch.testing.assert_close(seen[:, : change + 1], expected[:, : change + 1], rtol=1e-5, atol=1e-6)


def test_late_steps_share_the_last_row_of_the_table() -> None:
    made, steps = network(), random_steps(torch.Generator().manual_seed(0), 1, 4)
    late = [*steps[:3], torch.full((1, 4), 9), steps[4]]
    later = [*steps[:3], torch.full((1, 4), 10_000), steps[4]]
    assert torch.equal(made(*late), made(*later))


def test_returns_are_divided_by_the_scale() -> None:
    torch.manual_seed(0)
    made, steps = network(), random_steps(torch.Generator().manual_seed(0), 1, 4)
    expected = made(*steps)
    made.scale = 50.0
    assert torch.equal(made(*steps[:2], steps[2] * 50, *steps[3:]), expected)
    assert not torch.equal(made(*steps), expected)


def test_without_tanh_actions_are_not_bounded() -> None:
    made, steps = network(tanh=False), random_steps(torch.Generator().manual_seed(0), 1, 4)
    torch.nn.init.constant_(made.head.bias, 3.0)
    assert made(*steps).min().item() > 1.0


def test_dropout_is_of_training_alone() -> None:
    made, steps = network(dropout=0.5), random_steps(torch.Generator().manual_seed(0), 1, 4)
    assert torch.equal(made(*steps), made(*steps))
    made.train()
    assert not torch.equal(made(*steps), made(*steps))


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_gradients_are_numbers_where_there_is_padding(activation: str) -> None:
    made, steps = network(activation=activation).train(), random_steps(torch.Generator().manual_seed(0), 2, 4)
    steps[4][0, :3] = False
    made(*steps)[steps[4]].square().mean().backward()
    for name, part in made.named_parameters():
        assert part.grad is not None, name
        assert part.grad.isfinite().all(), name


def test_first_weights() -> None:
    torch.manual_seed(0)
    made = network(width=128, layers=3)
    for layer in made.modules():
        if isinstance(layer, torch.nn.Linear):
            assert not layer.bias.any()
    block = made.blocks[0]
    assert isinstance(block, Block)
    assert block.inner.weight.std().item() == pytest.approx(0.02, rel=0.03)
    assert made.time.weight.std().item() == pytest.approx(0.02, rel=0.1)


def test_half_precision_gives_about_the_same() -> None:
    torch.manual_seed(0)
    made, steps = network(width=32), random_steps(torch.Generator().manual_seed(0), 2, 4)
    with torch.autocast("cpu", torch.bfloat16):
        half = made(*steps)
    torch.testing.assert_close(half.float(), made(*steps), rtol=0.05, atol=0.02)
