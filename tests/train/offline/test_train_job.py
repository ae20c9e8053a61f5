"""From a dataset's folder to a run's: the toy, in seconds."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from gold_data import Dataset
from gold_data.errors import DatasetError, OutputError, SettingsError
from gold_data.settings import with_changes
from gold_train.checkpoint import load_policy
from gold_train.environments.toy_dataset import ToySettings, write_toy
from gold_train.errors import CheckpointError
from gold_train.offline.job import train
from gold_train.runs.folder import LAST, SETTINGS
from gold_train.settings import CloningRun, OfflineRun, run_settings, transformer_run

torch.set_num_threads(1)
QUIET = Console(quiet=True)
SHORT = {
    "training.steps": "6",
    "training.evaluate_every": "3",
    "training.log_every": "2",
    "training.device": "cpu",
    "training.threads": "1",
}


def dt_run(**more: str) -> OfflineRun:
    changes = {name.replace("__", "."): value for name, value in more.items()}
    return with_changes(transformer_run("toy"), SHORT | {"model.width": "8"} | changes)


def bc_run(**more: str) -> OfflineRun:
    return with_changes(CloningRun(), SHORT | {name.replace("__", "."): value for name, value in more.items()})


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_toy(tmp_path_factory.mktemp("toy") / "dataset", ToySettings(train=6, validation=3, test=0))


@pytest.fixture(scope="module")
def run(toy: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that is trained to its end; not to be changed."""
    folder = tmp_path_factory.mktemp("runs") / "dt"
    train(toy.root, folder, dt_run(), console=QUIET)
    return folder


def metrics(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("settings", [dt_run(), bc_run()], ids=lambda settings: settings.kind)
def test_a_run_has_its_files_and_its_policy_knows_where_it_comes_from(
    settings: OfflineRun, toy: Dataset, tmp_path: Path
) -> None:
    best = train(toy.root, tmp_path / "deep" / "run", settings, console=QUIET)
    folder = tmp_path / "deep" / "run"
    files = {"settings.json", "metrics.jsonl", "speed.jsonl", "last.safetensors", "best.safetensors"}
    assert {path.name for path in folder.iterdir()} == files
    assert run_settings(json.loads((folder / SETTINGS).read_text())) == settings
    assert [(row["kind"], row["step"]) for row in metrics(folder)] == [
        ("train", 2),
        ("validation", 3),
        ("train", 4),
        ("train", 6),
        ("validation", 6),
    ]
    policy = load_policy(best)
    assert policy.lineage.manifest == toy.digest
    assert policy.lineage.statistics == toy.manifest.statistics_digest
    assert policy.blocks == toy.observation_blocks
    assert policy.step in (3, 6)
    returns = toy.array("return", "train")
    assert policy.returns[[0, 100]] == pytest.approx([returns.min(), returns.max()])
    normaliser = policy.network.normaliser
    last = toy.array("observation_start", "train")[1:]
    rows = toy.array("observations", "train")
    assert len(last) == 6
    assert torch.allclose(normaliser.mean, torch.from_numpy(rows.mean(0)), atol=1e-5)
    assert torch.allclose(normaliser.std, torch.from_numpy(rows.std(0)), atol=1e-5)


def test_the_same_command_gives_the_same_again(run: Path, toy: Dataset, tmp_path: Path) -> None:
    train(toy.root, tmp_path / "again", dt_run(), console=QUIET)
    for name in ("metrics.jsonl", "best.safetensors", "last.safetensors", "settings.json"):
        assert (tmp_path / "again" / name).read_bytes() == (run / name).read_bytes(), name


def test_what_is_trained_is_left_alone(run: Path, toy: Dataset) -> None:
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    train(toy.root, run, dt_run(), console=QUIET)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


def test_more_updates_go_on_from_the_end(run: Path, toy: Dataset, tmp_path: Path) -> None:
    longer = tmp_path / "dt"
    shutil.copytree(run, longer)
    train(toy.root, longer, dt_run(training__steps="7"), console=QUIET)
    assert load_policy(longer / LAST).step == 7
    assert metrics(longer)[: len(metrics(run))] == metrics(run)
    assert metrics(longer)[-1]["step"] == 7


def test_blocks_are_read_by_name_and_order(toy: Dataset, tmp_path: Path) -> None:
    names = [block.name for block in toy.observation_blocks]
    chosen = f"{names[-1]},{names[0]}" if len(names) > 1 else names[0]
    policy = load_policy(train(toy.root, tmp_path / "run", bc_run(data__blocks=chosen), console=QUIET))
    assert ",".join(block.name for block in policy.blocks) == chosen
    with pytest.raises(SettingsError, match="there is no observation block 'radar'"):
        train(toy.root, tmp_path / "other", bc_run(data__blocks="radar"), console=QUIET)
    assert not (tmp_path / "other").exists()


def test_another_dataset_is_refused_with_was_and_is(run: Path, tmp_path: Path) -> None:
    other = write_toy(tmp_path / "other", ToySettings(train=6, validation=3, test=0, seed=1))
    was = load_policy(run).lineage.manifest[:12]
    with pytest.raises(CheckpointError, match=rf"manifest {was} -> {other.digest[:12]}; statistics .* -> "):
        train(other.root, run, dt_run(), console=QUIET)


def test_other_settings_are_refused(run: Path, toy: Dataset) -> None:
    with pytest.raises(SettingsError, match=r"model.dropout 0.1 -> 0.2"):
        train(toy.root, run, dt_run(model__dropout="0.2"), console=QUIET)
    with pytest.raises(SettingsError, match="kind dt -> bc"):
        train(toy.root, run, bc_run(), console=QUIET)


def test_without_validation_scenes_the_last_is_the_best_only_where_asked(tmp_path: Path) -> None:
    none = write_toy(tmp_path / "toy", ToySettings(train=3, validation=0, test=0))
    with pytest.raises(DatasetError, match=r"no validation scenes .* training.evaluate_every=0"):
        train(none.root, tmp_path / "run", bc_run(), console=QUIET)
    assert not (tmp_path / "run").exists()
    best = train(none.root, tmp_path / "run", bc_run(training__evaluate_every="0"), console=QUIET)
    assert load_policy(best).step == 6


def test_damage_and_wrong_places_are_told_before_anything_is_written(
    toy: Dataset, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError, match="holds no training to go on with"):
        train(toy.root, toy.root, bc_run(), console=QUIET)
    with pytest.raises(DatasetError, match=r"no manifest.json here"):
        train(tmp_path, tmp_path / "run", bc_run(), console=QUIET)
    cut = tmp_path / "cut"
    shutil.copytree(run, cut)
    (cut / LAST).write_bytes((run / LAST).read_bytes()[:-1])
    with pytest.raises(CheckpointError, match=r"last.safetensors: is no whole safetensors file"):
        train(toy.root, cut, dt_run(), console=QUIET)
    with pytest.raises(SettingsError, match=r"targets.mode=route"):
        train(toy.root, tmp_path / "route", dt_run(targets__mode="route"), console=QUIET)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(SettingsError, match="TensorBoard is not installed"):
        train(toy.root, tmp_path / "board", dt_run(training__tensorboard="true"), console=QUIET)
    assert {path.name for path in tmp_path.iterdir()} == {"cut"}
