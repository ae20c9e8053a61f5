"""A training's state comes back to the bit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from training_material import MadeUp, bc_run, dt_run, go_on, new_policy

from gold_train.checkpoint import load_policy, save_policy
from gold_train.errors import CheckpointError
from gold_train.offline.state import Progress, load_state, save_state
from gold_train.offline.update import Updates
from gold_train.runs.best import Best
from gold_train.runs.folder import LAST
from gold_train.settings import OfflineRun

torch.set_num_threads(1)


@pytest.mark.parametrize("settings", [dt_run(), bc_run()], ids=lambda settings: settings.kind)
def test_all_comes_back(settings: OfflineRun, tmp_path: Path) -> None:
    policy = new_policy(settings)
    updates = Updates(policy.network, settings, torch.device("cpu"))
    for step in range(3):
        updates.update(MadeUp(settings).batch(step), step)
    progress = Progress(2, Best(1, (0.5, -0.25, 40.0)), 123, torch.tensor([0.1, 0.2]), torch.tensor([3.0, 4.0]))
    save_state(tmp_path / LAST, policy, updates.moments(), progress)
    read, moments, known = load_state(tmp_path / LAST)
    assert (known.evaluated, known.best, known.metrics_bytes) == (2, progress.best, 123)
    assert torch.equal(known.losses, progress.losses)
    assert torch.equal(known.norms, progress.norms)
    was = updates.moments()
    assert {number: set(each) for number, each in moments.items()} == {n: set(each) for n, each in was.items()}
    assert all(torch.equal(moments[number][name], was[number][name]) for number in was for name in was[number])
    assert len(was) >= 4
    assert all(torch.equal(*pair) for pair in zip(read.network.parameters(), policy.network.parameters(), strict=True))


def test_a_state_is_a_policy_and_a_policy_no_state(tmp_path: Path) -> None:
    policy = new_policy(bc_run())
    save_state(tmp_path / LAST, policy, {}, Progress())
    assert load_policy(tmp_path / LAST).lineage == policy.lineage
    save_policy(tmp_path / "policy", policy)
    with pytest.raises(CheckpointError, match="holds a policy and no training to go on with"):
        load_state(tmp_path / "policy")


def test_an_optimiser_of_another_network_is_refused() -> None:
    settings = bc_run()
    updates = Updates(new_policy(settings).network, settings, torch.device("cpu"))
    for moments in ({0: {"exp_avg": torch.zeros(3, 3)}}, {99: {"exp_avg": torch.zeros(())}}):
        with pytest.raises(CheckpointError, match="is not of this network"):
            updates.restore(moments)


def test_what_was_begun_goes_on_with_the_moments(tmp_path: Path) -> None:
    go_on(tmp_path / "run", bc_run())
    _, moments, _ = load_state(tmp_path / "run" / LAST)
    assert all(float(each["step"]) == 12.0 for each in moments.values())
