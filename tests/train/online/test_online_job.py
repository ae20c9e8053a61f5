"""Algorithm 1 whole, in the toy: what it writes, that a kill loses nothing, and what it refuses."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from guided_material import small, trained

from gold_data import Dataset
from gold_data.errors import DatasetError, OutputError, SettingsError
from gold_data.settings import with_changes
from gold_train.checkpoint import load_policy
from gold_train.environments.toy_dataset import ToySettings, write_toy
from gold_train.errors import CheckpointError, StoppedError, TrainingError
from gold_train.learners.iql import IqlLearner
from gold_train.learners.learner import Transitions
from gold_train.offline.job import train
from gold_train.online.replay_buffer import ReplayBuffer
from gold_train.online.rows import Rows
from gold_train.runs.folder import GUIDE, LAST, METRICS, SETTINGS
from gold_train.settings import CloningRun, OfflineRun, run_settings, transformer_run

torch.set_num_threads(1)

OFFLINE = {"training.steps": "20", "training.evaluate_every": "0", "training.threads": "1", "training.device": "cpu"}


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_toy(tmp_path_factory.mktemp("toy") / "dataset", ToySettings(train=12, validation=4, test=2))


def _guide(toy: Dataset, run: Path, settings: OfflineRun) -> Path:
    train(toy.root, run, with_changes(settings, OFFLINE))
    return run


@pytest.fixture(scope="module")
def transformer(toy: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = with_changes(transformer_run("toy"), {"model.width": "8", "model.context": "4"})
    return _guide(toy, tmp_path_factory.mktemp("guides") / "dt", settings)


@pytest.fixture(scope="module")
def clone(toy: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _guide(toy, tmp_path_factory.mktemp("guides") / "bc", with_changes(CloningRun(), {"model.hidden": "8"}))


def rows(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / METRICS).read_text().splitlines()]


def bytes_of(run: Path) -> dict[str, bytes]:
    """What must not depend on where a training was stopped."""
    return {name: (run / name).read_bytes() for name in (METRICS, "best.safetensors")}


FORMS = {
    "awr": ("iql", {}),
    "pathwise": ("iql", {"learner__actor": "pathwise"}),
    "cvpo": ("cvpo", {}),
    "gated": ("iql", {"guidance__schedule": "gated", "guidance__gate_every": "50"}),
    "mix": ("iql", {"guidance__schedule": "mix", "distillation__coefficient": "0.5"}),
    "random": ("iql", {"guidance__schedule": "random", "replay__capacity": "100"}),
    "all options": (
        "iql",
        {
            "learner__actor": "pathwise",
            "learner__cost_limit": "2.0",
            "learner__layer_norm": "true",
            "replay__offline_share": "0.5",
            "replay__rows": "student",
            "distillation__alignment": "20",
        },
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_killed_at_five_points_it_ends_as_if_it_had_never_stopped(
    form: str, toy: Dataset, transformer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backbone, more = FORMS[form]
    settings = small(backbone, **more)
    whole = trained(toy.root, transformer, tmp_path / "whole", settings)
    run = tmp_path / "killed"
    add = ReplayBuffer.add
    for killed_at in (4, 64, 100, 180, 236):

        def dying(self: ReplayBuffer, new: Rows, killed_at: int = killed_at) -> None:
            if self.added == killed_at:
                raise KeyboardInterrupt
            add(self, new)

        monkeypatch.setattr(ReplayBuffer, "add", dying)
        with pytest.raises(KeyboardInterrupt):
            trained(toy.root, transformer, run, settings)
    monkeypatch.setattr(ReplayBuffer, "add", add)
    trained(toy.root, transformer, run, settings)
    assert bytes_of(run) == bytes_of(whole)
    assert load_policy(run).lineage == load_policy(whole).lineage


def test_a_signal_saves_and_the_same_command_goes_on(
    toy: Dataset, transformer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(toy.root, transformer, tmp_path / "whole", small())
    run = tmp_path / "stopped"
    add = ReplayBuffer.add

    def asking(self: ReplayBuffer, new: Rows) -> None:
        add(self, new)
        if self.added == 100:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    monkeypatch.setattr(ReplayBuffer, "add", asking)
    with pytest.raises(StoppedError, match="stopped and saved after 100 of 240 steps; the same command goes on"):
        trained(toy.root, transformer, run, small())
    monkeypatch.setattr(ReplayBuffer, "add", add)
    trained(toy.root, transformer, run, small())
    assert bytes_of(run) == bytes_of(whole)


def test_what_is_learned_of_the_guide_falls_to_what_is_to_stay(
    toy: Dataset, transformer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights: list[float] = []
    update = IqlLearner.update

    def noting(self: IqlLearner, batch: Transitions, number: int, distillation: float, **more: bool) -> Any:
        weights.append(distillation)
        return update(self, batch, number, distillation, **more)

    monkeypatch.setattr(IqlLearner, "update", noting)
    settings = small(distillation__coefficient="2.0", distillation__stays="0.25")
    trained(toy.root, transformer, tmp_path / "student", settings)
    assert weights[0] > 1
    assert weights[-1] == 0.5
    assert np.all(np.diff(weights) <= 0)


def test_what_a_run_leaves(toy: Dataset, transformer: Path, tmp_path: Path) -> None:
    run = trained(toy.root, transformer, tmp_path / "student", small())
    written = rows(run)
    means = [row for row in written if row["kind"] == "train"]
    assert [row["step"] for row in means] == [40, 80, 120, 160, 200, 240]
    assert [row["updates"] for row in means] == [0, 18, 38, 58, 78, 98]
    assert [row["step"] for row in written if row["kind"] == "validation"] == [120, 240]
    assert means[0]["guide_share"] > means[2]["guide_share"] > means[-1]["guide_share"] == 0
    policy = load_policy(run)
    assert policy.settings == run_settings(json.loads((run / SETTINGS).read_text())) == small()
    assert policy.lineage.manifest == toy.digest
    assert policy.lineage.guide_kind == "dt"
    assert (run / GUIDE).read_bytes() == (transformer / "best.safetensors").read_bytes()
    assert load_policy(run / LAST).step == 240
    before = bytes_of(run)
    trained(toy.root, transformer, run, small())
    assert bytes_of(run) == before


def test_without_a_guide_the_student_acts_from_the_first_step(toy: Dataset, tmp_path: Path) -> None:
    run = trained(toy.root, None, tmp_path / "alone", small())
    assert all(row["buffer_guided_share"] == 0 for row in rows(run) if row["kind"] == "train")
    assert load_policy(run).lineage.guide is None
    assert not (run / GUIDE).exists()


def test_a_student_may_begin_as_a_clone(toy: Dataset, clone: Path, tmp_path: Path) -> None:
    idle = small(replay__start="1000", training__evaluate_every="0")  # no update is made
    run = trained(toy.root, clone, tmp_path / "student", idle, begin_with=clone)
    own, other = load_policy(run).network.state_dict(), load_policy(clone).network.state_dict()
    assert all(torch.equal(own[name], other[name]) for name in other if name != "log_std")
    assert torch.equal(own["log_std"], torch.full((2,), -1.0))


def test_bad_input_is_one_sentence_and_nothing_is_written(
    toy: Dataset, transformer: Path, clone: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    with pytest.raises(SettingsError, match="no student that reads the same blocks"):
        trained(toy.root, None, run, small(), begin_with=transformer)
    with pytest.raises(SettingsError, match="hidden layers of other widths"):
        trained(toy.root, None, run, small(model__hidden="4"), begin_with=clone)
    with pytest.raises(CheckpointError, match="there is no such checkpoint"):
        trained(toy.root, tmp_path / "nobody", run, small())
    empty = write_toy(tmp_path / "empty", ToySettings(train=1, validation=0, test=0))
    with pytest.raises(DatasetError, match="has no validation scenes"):
        trained(empty.root, None, run, small())
    assert not run.exists()
    (run / "thesis").mkdir(parents=True)
    with pytest.raises(OutputError, match="holds no training to go on with"):
        trained(toy.root, None, run, small())


def test_going_on_otherwise_is_refused(toy: Dataset, transformer: Path, clone: Path, tmp_path: Path) -> None:
    run = trained(toy.root, transformer, tmp_path / "run", small())
    with pytest.raises(SettingsError, match=r"learner.expectile 0.8 -> 0.9; training.steps 240 -> 400"):
        trained(toy.root, transformer, run, small(learner__expectile="0.9", training__steps="400"))
    with pytest.raises(CheckpointError, match=r"guide \w{12} -> \w{12}"):
        trained(toy.root, clone, run, small())
    with pytest.raises(CheckpointError, match=r"guide \w{12} -> none"):
        trained(toy.root, None, run, small())
    with pytest.raises(SettingsError, match=r"kind iql -> cvpo"):
        trained(toy.root, transformer, run, small("cvpo"))


def test_what_is_no_number_is_named_and_the_last_state_stands(
    toy: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    draw = ReplayBuffer.batch

    def broken(self: ReplayBuffer, number: int) -> Transitions:
        batch = draw(self, number)
        if number == 30:
            batch.rewards[3] = np.nan
        return batch

    monkeypatch.setattr(ReplayBuffer, "batch", broken)
    with pytest.raises(
        TrainingError, match=r"update 30, after 104 steps, gave \w+ nan, on 0-train-\d+/point at \d+"
    ) as said:
        trained(toy.root, None, run, small())
    assert "last.safetensors is from before" in str(said.value)
    assert load_policy(run / LAST).step == 60


def test_a_full_disk_leaves_the_state_before(toy: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tmp_path / "run"
    whole = trained(toy.root, None, tmp_path / "whole", small())

    save = ReplayBuffer.save

    def filling(self: ReplayBuffer, folder: Path) -> dict[str, Any]:
        state = save(self, folder)
        if self.added >= 180:  # the rows still found room, the state does not
            raise OutputError(f"{folder}: no space left")
        return state

    monkeypatch.setattr(ReplayBuffer, "save", filling)
    with pytest.raises(OutputError, match="no space left"):
        trained(toy.root, None, run, small())
    assert load_policy(run / LAST).step == 120
    monkeypatch.setattr(ReplayBuffer, "save", save)
    trained(toy.root, None, run, small())
    assert bytes_of(run) == bytes_of(whole)
