"""The batched engine in a conversion, and how a share of what it drives is held against MetaDrive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from straight_road import QUICK, straight_record, write_source

from gold_data import Dataset, convert
from gold_data.conversion.engine_check import compare, is_checked, summarise
from gold_data.replay import Rollout
from gold_data.settings import CheckSettings, SplitSettings

SETTINGS = CheckSettings()
BATCHED = QUICK.model_copy(
    update={"engine": "batched", "check": CheckSettings(share=1.0), "split": SplitSettings(train=3), "unit": 50}
)


def rollout(steps: int = 20) -> Rollout:
    states = np.zeros((steps + 1, 7))
    states[:, 0] = np.arange(steps + 1)
    return Rollout(
        observations=np.zeros((steps + 1, 3), np.float32),
        actions=np.zeros((steps, 2), np.float32),
        expert_actions=np.zeros((steps, 2), np.float32),
        rewards=np.ones(steps, np.float32),
        costs=np.zeros(steps, np.float32),
        flags=np.zeros(steps, np.uint16),
        contact_bearing=np.full(steps, np.nan, np.float32),
        ego_state=states,
        log_state=states.copy(),
        terminated=True,
        truncated=False,
        arrived=True,
        route_length=20.0,
        start=0,
        start_offset=(0.0, 0.0, 0.0, 0.0),
        noise=0.0,
    )


def test_the_share_is_chosen_by_name_and_grows() -> None:
    names = [(f"{number:04x}", "7", number % 3) for number in range(3000)]
    chosen = {name for name in names if is_checked(*name, SETTINGS)}
    more = {name for name in names if is_checked(*name, CheckSettings(share=0.2))}
    assert 30 < len(chosen) < 95
    assert chosen < more
    assert not any(is_checked(*name, CheckSettings(share=0.0)) for name in names)
    assert all(is_checked(*name, CheckSettings(share=1.0)) for name in names)
    assert chosen != {name for name in names if is_checked(*name, CheckSettings(key="another"))}


def test_what_differs_is_counted() -> None:
    own, reference = rollout(), rollout(18)
    own.ego_state[5, 1] = 0.25
    own.ego_state[20, 1] = 9.0  # beyond what both drove
    own.rewards[3], own.rewards[4] = 1.002, 1.0005
    own.flags[7] = 8
    found = compare("aa", "7", 1, own, reference)
    assert (found.steps, found.position_max, found.rewards_off, found.flags_off) == (18, 0.25, 1, 1)
    assert found.end_off
    assert not compare("aa", "7", 0, rollout(), rollout()).end_off
    assert compare("aa", "7", 0, rollout(), replace(rollout(), arrived=False)).end_off
    assert compare("aa", "7", 0, own, None).failed


def test_bounds_name_what_is_beyond_them() -> None:
    good = compare("aa", "7", 0, rollout(), rollout())
    assert summarise([good] * 40, SETTINGS).beyond == ()
    own = rollout()
    own.ego_state[:, 1] += 0.1
    own.flags[:] = 8
    bad = compare("bb", "7", 0, own, rollout())
    together = summarise([good, bad, compare("cc", "7", 0, own, None)], SETTINGS)
    assert (together.episodes, together.failed, together.steps) == (2, 1, 40)
    assert (together.position_max, together.flags_off, together.rewards_off, together.ends_off) == (0.1, 0.5, 0.0, 0.0)
    assert together.beyond == ("position_p95", "flags_off")
    assert summarise([], SETTINGS).beyond == ()


@pytest.fixture(scope="module")
def batched(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("batched")
    records = [straight_record("aa"), straight_record("bb", obstacle=True), straight_record("cc", steps=40)]
    write_source(folder / "src" / "a.tfrecord", records)
    return convert([str(folder / "src")], folder / "out", BATCHED, workers=0, console=Console(quiet=True))


def test_a_dataset_of_the_batched_engine_says_so_and_how_far_it_is_off(batched: Dataset, converted: Dataset) -> None:
    manifest = batched.manifest
    assert manifest.engine == "batched"
    check = manifest.engine_check
    assert check is not None
    assert (check.episodes, check.failed, check.beyond) == (2, 0, ())
    assert 0 < check.position_max < 1e-3
    assert (check.rewards_off, check.flags_off, check.ends_off) == (0.0, 0.0, 0.0)
    assert "Driven by the batched engine" in (batched.root / "README.md").read_text()
    assert (converted.manifest.engine, converted.manifest.engine_check) == ("metadrive", None)
    assert "batched" not in (converted.root / "README.md").read_text()
    (row,) = [row for row in (batched.root / "rejected.jsonl").read_text().splitlines()]
    assert '"contact_on_log"' in row


def test_the_same_bytes_again(batched: Dataset, tmp_path: Path) -> None:
    sources = [str(batched.root.parent / "src")]
    again = convert(sources, tmp_path / "out", BATCHED, workers=1, console=Console(quiet=True))
    assert again.digest == batched.digest
