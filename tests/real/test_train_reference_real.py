"""The Decision Transformer against the code of its authors, with the same weights on the same windows.

Wants a clone of kzl/decision-transformer in $DECISION_TRANSFORMER (benchmarks/reference_transformer.py says which).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from benchmarks.reference_transformer import CHECKOUT, reference_model
from benchmarks.transformer import made_up
from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.normaliser import Normaliser
from gold_train.settings import TransformerRun, TransformerSettings

SIZE = 88
PLACES = {
    "time": "embed_timestep",
    "return_to_go": "embed_return",
    "state": "embed_state",
    "action": "embed_action",
    "first_norm": "embed_ln",
    "last_norm": "transformer.ln_f",
    "head": "predict_action.0",
}
IN_A_BLOCK = {
    "attention_norm": "ln_1",
    "inner_norm": "ln_2",
    "attended": "attn.c_proj",
    "inner": "mlp.c_fc",
    "outer": "mlp.c_proj",
}


@pytest.fixture(scope="module")
def checkout() -> Path:
    place = os.environ.get("DECISION_TRANSFORMER")
    if place is None:
        pytest.skip(f"no reference in $DECISION_TRANSFORMER; {CHECKOUT}")
    return Path(place)


def weights_of(reference: torch.nn.Module, layers: int) -> dict[str, torch.Tensor]:
    """The reference's weights by the names that they have here; its blocks store matrices the other way round."""
    given = reference.state_dict()
    taken = {f"{ours}.weight": given[f"{theirs}.weight"] for ours, theirs in PLACES.items()}
    taken |= {f"{ours}.bias": given[f"{theirs}.bias"] for ours, theirs in PLACES.items() if ours != "time"}
    for number in range(layers):
        here, there = f"blocks.{number}", f"transformer.h.{number}"
        for ours, theirs in IN_A_BLOCK.items():
            taken[f"{here}.{ours}.weight"] = turned(given[f"{there}.{theirs}.weight"])
            taken[f"{here}.{ours}.bias"] = given[f"{there}.{theirs}.bias"]
        for kind in ("weight", "bias"):
            query, *others = turned(given[f"{there}.attn.c_attn.{kind}"]).chunk(3)
            taken[f"{here}.query.{kind}"], taken[f"{here}.key_value.{kind}"] = query, torch.cat(others)
    return taken


def turned(stored: torch.Tensor) -> torch.Tensor:
    return stored.mT if stored.dim() == 2 else stored


@pytest.mark.parametrize("heads", [1, 4])
def test_the_same_weights_give_the_same_actions(checkout: Path, heads: int) -> None:
    torch.manual_seed(heads)
    run = TransformerRun(model=TransformerSettings(heads=heads))
    reference = reference_model(checkout, run, SIZE, 2).eval()
    assert sum(part.numel() for part in reference.parameters()) == 670_427  # K29
    for part in reference.parameters():
        part.data += 0.05 * torch.randn_like(part)
    normaliser = Normaliser(torch.zeros(SIZE), torch.ones(SIZE), min_std=1e-2, clip=10.0)
    ours = DecisionTransformer(run.model, normaliser, SIZE, 2, run.targets.scale).eval()
    missing, unexpected = ours.load_state_dict(weights_of(reference, run.model.layers), strict=False)
    assert set(missing) == {"normaliser.mean", "normaliser.std"}
    assert not unexpected
    batch = made_up(run, SIZE)
    mask = batch.mask.clone()
    mask[:20, :7] = False
    scaled = (batch.returns_to_go / run.targets.scale).unsqueeze(-1)
    with torch.no_grad():
        _, expected, _ = reference(
            batch.observations, batch.actions, None, scaled, batch.timesteps, attention_mask=mask.long()
        )
        chosen = ours(batch.observations, batch.actions, batch.returns_to_go, batch.timesteps, mask)
    assert expected.std() > 0.1
    torch.testing.assert_close(chosen[mask], expected[mask], rtol=0, atol=2e-6)
