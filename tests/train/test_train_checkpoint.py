"""A policy comes back from its file as it was, and does the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gold_data.settings import with_changes
from gold_data.shards import ObservationBlock
from gold_train.checkpoint import BEST, load_policy, policy_content, policy_tensors, save_policy
from gold_train.errors import CheckpointError
from gold_train.policies.network import action_size, make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.settings import CloningRun, OfflineRun, transformer_run
from gold_train.tensor_file import write_tensor_file

torch.set_num_threads(1)
RUNS: dict[str, OfflineRun] = {"dt": with_changes(transformer_run("toy"), {"model.width": "8"}), "bc": CloningRun()}


def policy_for(settings: OfflineRun) -> Policy:
    torch.manual_seed(1)
    network = make_network(settings, Normaliser(torch.rand(5), torch.rand(5), 0.01, 10.0), 5, 3)
    names = tuple("abcde")
    blocks = (
        ObservationBlock(name="pace", start=7, stop=9, names=names[:2], digest="1" * 64, version=2, low=-1.0),
        ObservationBlock(name="ego", start=0, stop=3, names=names[2:], digest="2" * 64, meaning="m/s"),
    )
    return Policy(network, settings, blocks, Lineage("3" * 64, "4" * 64, "0.1"), 17, np.linspace(-1, 1, 101))


@pytest.fixture(params=RUNS)
def policy(request: pytest.FixtureRequest) -> Policy:
    return policy_for(RUNS[request.param])


def test_it_comes_back_whole(policy: Policy, tmp_path: Path) -> None:
    save_policy(tmp_path / "file", policy)
    before = torch.get_rng_state()
    read = load_policy(tmp_path / "file")
    assert torch.equal(torch.get_rng_state(), before)
    assert (read.settings, read.blocks, read.lineage, read.step) == (
        policy.settings,
        policy.blocks,
        policy.lineage,
        policy.step,
    )
    assert np.array_equal(read.returns, policy.returns)
    assert type(read.network) is type(policy.network)
    assert action_size(read.network) == 3
    was, now = policy.network.state_dict(), read.network.state_dict()
    assert list(was) == list(now)
    assert all(torch.equal(was[name], now[name]) for name in was)
    assert not read.network.training


def test_it_does_the_same(policy: Policy, tmp_path: Path) -> None:
    save_policy(tmp_path / BEST, policy)
    read = load_policy(tmp_path)  # a run's folder stands for its best
    seen = torch.rand(2, 4, 5)
    arguments: tuple[torch.Tensor, ...] = (seen,)
    if policy.settings.kind == "dt":
        steps = torch.arange(4).expand(2, 4)
        arguments += torch.rand(2, 4, 3), torch.rand(2, 4), steps, torch.ones(2, 4, dtype=torch.bool)
    policy.network.eval()
    assert torch.equal(policy.network(*arguments), read.network(*arguments))


def test_it_says_what_the_actions_are(policy: Policy) -> None:
    content = json.loads(json.dumps(policy_content(policy)))
    assert content["actions"] == {"size": 3, "low": -1.0, "high": 1.0}
    assert [block["digest"] for block in content["blocks"]] == ["1" * 64, "2" * 64]
    of_data = {"manifest": "3" * 64, "statistics": "4" * 64, "gold_data_version": "0.1"}
    assert content["lineage"] == of_data | dict.fromkeys(("guide", "guide_kind", "guide_form", "begun_with"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"settings": {"kind": "dt", "model": {"width": 2**20}}}, "weights are not those"),
        ({"settings": {"kind": "gold"}}, "do not make a policy"),
        ({"settings": None}, "do not make a policy"),
        ({"blocks": []}, "it reads no block"),
        ({"blocks": [{"name": "pace"}]}, "do not make a policy"),
        ({"actions": {"size": 2}}, "weights are not those"),
        ({"actions": {}}, "do not make a policy"),
        ({"lineage": {"path": "x"}}, "do not make a policy"),
        ({"step": "soon"}, "do not make a policy"),
    ],
)
def test_contradictions_are_refused(change: dict[str, Any], reason: str, tmp_path: Path) -> None:
    policy = policy_for(RUNS["bc"])
    write_tensor_file(tmp_path / "file", policy_content(policy) | change, policy_tensors(policy))
    with pytest.raises(CheckpointError, match=reason) as refused:
        load_policy(tmp_path / "file")
    assert "\n" not in str(refused.value)


def test_lacking_tensors_are_refused(tmp_path: Path) -> None:
    policy = policy_for(RUNS["bc"])
    for lacking in policy_tensors(policy):
        tensors = {name: tensor for name, tensor in policy_tensors(policy).items() if name != lacking}
        write_tensor_file(tmp_path / "file", policy_content(policy), tensors)
        with pytest.raises(CheckpointError, match="do not make a policy"):
            load_policy(tmp_path / "file")


def test_an_empty_folder_has_no_best(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"best.safetensors: there is no such checkpoint"):
        load_policy(tmp_path)
