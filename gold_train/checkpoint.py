"""A policy in one file: its weights, its scaling, and JSON that says what it reads, does and comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from pydantic import ValidationError

from gold_data.errors import GoldDataError
from gold_data.shards import ObservationBlock
from gold_train.errors import CheckpointError
from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.network import action_size, make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.policies.student import Student
from gold_train.settings import RunSettings, run_settings
from gold_train.tensor_file import read_tensor_file, write_tensor_file

BEST: Final = "best.safetensors"
WEIGHTS: Final = "network."
RETURNS: Final = "returns"


def save_policy(path: Path, policy: Policy) -> None:
    """Write a policy as one safetensors file, whole or not at all. Raises OutputError when it cannot be written."""
    write_tensor_file(path, policy_content(policy), policy_tensors(policy))


def load_policy(path: Path) -> Policy:
    """Read a policy, on the CPU: a checkpoint, or the best one of a run's folder. Nothing that is read is run.

    Raises CheckpointError for a file that is missing, damaged, foreign, of another version, or contradicts itself.
    """
    file = path / BEST if path.is_dir() else path
    return policy_of(file, *read_tensor_file(file))


def policy_content(policy: Policy) -> dict[str, Any]:
    """All of a policy that is no tensor, as plain data."""
    return {
        "settings": policy.settings.model_dump(mode="json"),
        "blocks": [block.model_dump(mode="json") for block in policy.blocks],
        # In the order of the dataset's column `actions`; an environment takes them as they are.
        "actions": {"size": action_size(policy.network), "low": -1.0, "high": 1.0},
        "lineage": asdict(policy.lineage),
        "step": policy.step,
    }


def policy_tensors(policy: Policy) -> dict[str, torch.Tensor]:
    """The tensors of a policy: its network's, by their names in it, and the percentiles of returns."""
    weights = {WEIGHTS + name: tensor for name, tensor in policy.network.state_dict().items()}
    return weights | {RETURNS: torch.from_numpy(policy.returns)}


def policy_of(path: Path, content: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> Policy:
    """Build the policy that these were made of. Raises CheckpointError where they contradict each other."""
    try:
        settings = run_settings(content["settings"])
        blocks = tuple(ObservationBlock.model_validate_json(json.dumps(block)) for block in content["blocks"])
        if not blocks:
            raise ValueError("it reads no block of observations")
        lineage = Lineage(**content["lineage"])
        weights = {name.removeprefix(WEIGHTS): tensors[name] for name in tensors if name.startswith(WEIGHTS)}
        sizes = sum(block.stop - block.start for block in blocks), int(content["actions"]["size"])
        network = _network(settings, weights, *sizes)
        returns = tensors[RETURNS].numpy().astype(np.float64)
        step = int(content["step"])
    except (GoldDataError, ValidationError, KeyError, TypeError, ValueError, RuntimeError, MemoryError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CheckpointError(
            f"{path}: its parts do not make a policy ({reason[:300]}); take the version of gold-train that wrote it"
        ) from error
    return Policy(network, settings, blocks, lineage, step, returns)


def _network(
    settings: RunSettings, weights: Mapping[str, torch.Tensor], observations: int, actions: int
) -> DecisionTransformer | Student:
    def made() -> DecisionTransformer | Student:
        empty = torch.zeros(observations)
        normaliser = Normaliser(empty, empty, settings.data.min_std, settings.data.clip)
        return make_network(settings, normaliser, observations, actions)

    # Shapes are held against the settings before anything of the size that these say is made.
    with torch.device("meta"):
        due = {name: tensor.shape for name, tensor in made().state_dict().items()}
    if due != {name: tensor.shape for name, tensor in weights.items()}:
        raise ValueError("its weights are not those of the network that its settings say")
    with torch.random.fork_rng(devices=[]):
        network = made()
    network.load_state_dict(weights)
    return network.eval()
