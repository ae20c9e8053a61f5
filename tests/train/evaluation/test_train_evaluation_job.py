"""The whole job on the toy: rows, figures, comparisons, refusals, and the same bytes again."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from gold_data import Dataset
from gold_data.errors import DatasetError, GoldDataError, OutputError, SettingsError
from gold_train import cli
from gold_train.checkpoint import BEST, save_policy
from gold_train.environments.point_mass import BLOCKS
from gold_train.environments.toy_dataset import ToySettings, write_toy
from gold_train.errors import CheckpointError
from gold_train.evaluation.job import Resources, evaluate
from gold_train.evaluation.results import EPISODES, SUMMARY, Evaluation, read_evaluation, write_evaluation
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.settings import CloningRun, OfflineRun, TransformerRun

SCENES = 6
QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_toy(tmp_path_factory.mktemp("toy") / "toy", ToySettings(train=3, validation=1, test=SCENES))


def bc(seed: int) -> OfflineRun:
    return CloningRun.model_validate({"model": {"hidden": (8,)}, "training": {"seed": seed}})


def dt(**targets: object) -> OfflineRun:
    model = {"context": 4, "width": 8, "layers": 1, "heads": 1, "timesteps": 61}
    return TransformerRun.model_validate({"model": model, "targets": targets})


def write_run(folder: Path, settings: OfflineRun, dataset: Dataset) -> Path:
    """A run's folder with an untrained policy that reads all of the toy."""
    torch.set_num_threads(1)
    torch.manual_seed(settings.training.seed)
    size = sum(block.size for block in BLOCKS)
    network = make_network(settings, Normaliser(torch.zeros(size), torch.ones(size), 1e-2, 10.0), size, 2)
    lineage = Lineage(dataset.digest, "s", "0")
    folder.mkdir(parents=True, exist_ok=True)
    policy = Policy(network, settings, dataset.observation_blocks, lineage, 7, np.linspace(0, 15, 101))
    save_policy(folder / BEST, policy)
    return folder


@pytest.fixture
def runs(tmp_path: Path, dataset: Dataset) -> list[Path]:
    return [
        write_run(tmp_path / "bc-0", bc(0), dataset),
        write_run(tmp_path / "bc-1", bc(1), dataset),
        write_run(tmp_path / "dt", dt(mode="quantile"), dataset),
    ]


def run_it(runs: list[Path], dataset: Path, out: Path, **more: Any) -> Evaluation:
    return evaluate(runs, dataset, out, console=QUIET, **more)


def test_each_contender_drives_each_task_once_and_the_same_again(
    runs: list[Path], dataset: Dataset, tmp_path: Path
) -> None:
    found = run_it(runs, dataset.root, tmp_path / "out")
    with (tmp_path / "out" / EPISODES).open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = ["bc-0", "bc-1", "dt", "zero action"]
    assert [one.name for one in found.contenders] == names
    scenes = [f"0-test-{number}" for number in range(SCENES)]
    for name in names:
        assert sorted(row["scenario_id"] for row in rows if row["contender"] == name) == scenes
    summary = json.loads((tmp_path / "out" / SUMMARY).read_text())
    assert summary["manifest"] == dataset.digest
    zero = next(one for one in summary["contenders"] if one["name"] == "zero action")
    assert (zero["kind"], zero["sha256"], zero["strata"]["all"]["tasks"]) == ("anchor", None, SCENES)
    costs = [float(row["cost"]) for row in rows if row["contender"] == "zero action"]
    assert zero["strata"]["all"]["figures"]["cost"]["mean"] == pytest.approx(np.mean(costs))
    # Standing still costs about 51 (algorithms 3.2): the front sweeps over who waits.
    assert 45 < np.mean(costs) <= 60
    asked = [row["target"] for row in rows if row["contender"] == "dt"]
    assert asked == ["13.5"] * SCENES
    assert {row["target"] for row in rows if row["contender"] != "dt"} == {""}
    assert run_it(runs, dataset.root, tmp_path / "again") == found
    for name in (EPISODES, SUMMARY):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_what_was_written_is_read_back(runs: list[Path], dataset: Dataset, tmp_path: Path) -> None:
    found = run_it(runs, dataset.root, tmp_path / "out")
    evaluation, rows = read_evaluation(tmp_path / "out")
    assert evaluation == found
    write_evaluation(tmp_path, evaluation, rows)
    for name in (EPISODES, SUMMARY):
        assert (tmp_path / name).read_bytes() == (tmp_path / "out" / name).read_bytes()


def test_a_policy_tells_what_it_is_and_which_of_its_run(runs: list[Path], dataset: Dataset, tmp_path: Path) -> None:
    (runs[0] / BEST).rename(runs[0] / "last.safetensors")
    one, two, zero = run_it([runs[0] / "last.safetensors", runs[1]], dataset.root, tmp_path / "out").contenders
    assert (one.name, one.run, one.checkpoint, one.kind) == ("bc-0 last", "bc-0", "last", "bc")
    assert (two.name, two.run, two.checkpoint) == ("bc-1", "bc-1", "best")
    assert one.group == two.group is not None
    assert one.parameters == (9 * 8 + 8) + (8 * 2 + 2) + 2
    assert (zero.run, zero.checkpoint, zero.group, zero.parameters) == (None,) * 4


@pytest.mark.parametrize("content", [None, "{", "{}"])
def test_what_holds_no_results_is_refused(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / SUMMARY).write_text(content)
    with pytest.raises(DatasetError, match=r"holds no results|evaluate again"):
        read_evaluation(tmp_path)


def test_runs_that_differ_in_their_seed_are_one_group(runs: list[Path], dataset: Dataset, tmp_path: Path) -> None:
    found = run_it(runs, dataset.root, tmp_path / "out", anchors=False)
    assert [group.contenders for group in found.seeds] == [("bc-0", "bc-1")]
    assert [(pair.first, pair.second, pair.tasks) for pair in found.pairs] == [(("bc-0", "bc-1"), ("dt",), SCENES)]
    mean = {one.name: one.strata["all"].figures["returned"].mean for one in found.contenders}
    difference = found.pairs[0].differences["returned"].mean
    assert difference == pytest.approx((mean["bc-0"] + mean["bc-1"]) / 2 - mean["dt"])


def test_in_children_it_comes_to_the_same(
    runs: list[Path], dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = run_it(runs[2:], dataset.root, tmp_path / "here", resources=Resources(environments=1))
    monkeypatch.setattr("gold_train.evaluation.job.METADRIVE", "batched")
    there = run_it(runs[2:], dataset.root, tmp_path / "there", resources=Resources(workers=2))
    assert [one.strata for one in there.contenders] == [one.strata for one in here.contenders]


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"split": "tset"}, DatasetError, "has no split 'tset'"),
        ({"engine": "metadrive"}, SettingsError, "metadrive"),
        ({"gains": [0.8]}, SettingsError, "leave --gain out"),
        ({"gains": [0.0]}, SettingsError, "--gain 0: give a number above 0"),
        ({"resources": Resources(environments=0)}, SettingsError, "--environments 0"),
        ({"resources": Resources(workers=0)}, SettingsError, "--workers 0"),
        ({"resources": Resources(threads=0)}, SettingsError, "--threads 0"),
        ({"resources": Resources(time_limit=0)}, SettingsError, "--time-limit 0"),
        ({"resources": Resources(device="gpu")}, SettingsError, "--device gpu"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    runs: list[Path],
    dataset: Dataset,
    tmp_path: Path,
    more: dict[str, Any],
    error: type[GoldDataError],
    says: str,
) -> None:
    with pytest.raises(error, match=says):
        run_it(runs[:1], dataset.root, tmp_path / "out", **more)
    assert not (tmp_path / "out").exists()


def test_a_run_that_is_none_is_refused_by_its_own_name(dataset: Dataset, tmp_path: Path) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(b"\x08\x00\x00\x00")
    with pytest.raises(CheckpointError, match=r"cut\.safetensors"):
        run_it([cut], dataset.root, tmp_path / "out")
    with pytest.raises(CheckpointError, match=r"nowhere.*cannot be read"):
        run_it([tmp_path / "nowhere"], dataset.root, tmp_path / "out")


def test_a_return_along_a_route_cannot_be_asked_for_in_the_toy(dataset: Dataset, tmp_path: Path) -> None:
    run = write_run(tmp_path / "dt", dt(mode="route"), dataset)
    with pytest.raises(SettingsError, match=r"targets\.mode=route"):
        run_it([run], dataset.root, tmp_path / "out")


def test_a_policy_that_reads_what_the_world_lacks_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    run = write_run(tmp_path / "bc", bc(0), dataset)
    other = tmp_path / "other"
    policy_blocks = [block.model_copy(update={"digest": "0" * 64}) for block in dataset.observation_blocks]
    size = policy_blocks[-1].stop
    network = make_network(bc(0), Normaliser(torch.zeros(size), torch.ones(size), 1e-2, 10.0), size, 2)
    other.mkdir()
    policy = Policy(network, bc(0), tuple(policy_blocks), Lineage("m", "s", "0"), 1, np.zeros(101))
    save_policy(other / BEST, policy)
    with pytest.raises(GoldDataError, match="point"):
        run_it([run, other], dataset.root, tmp_path / "out")


def test_nobody_to_evaluate_and_nowhere_to_write_are_found_out_before_anybody_drives(
    runs: list[Path], dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="nobody to evaluate"):
        run_it([], dataset.root, tmp_path / "out", anchors=False)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.delattr("gold_train.evaluation.job._rows")
    with pytest.raises(OutputError, match="choose another place"):
        run_it(runs[:1], dataset.root, tmp_path / "file" / "out", anchors=False)


def test_the_command_prints_what_it_found(
    runs: list[Path],
    dataset: Dataset,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = ["gold-train", "evaluate", *map(str, runs), str(dataset.root), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr()
    assert end.value.code == 0
    for words in ("test split, batched", "zero action", "over seeds", "less dt"):
        assert words in said.out
    assert f"bc-0: {SCENES} driven" in said.err
    assert (tmp_path / "out" / SUMMARY).is_file()
