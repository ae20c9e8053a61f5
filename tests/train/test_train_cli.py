"""`gold-train dt` and `bc` as commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from gold_data import Dataset
from gold_train import cli
from gold_train.checkpoint import load_policy
from gold_train.environments.toy_dataset import ToySettings, write_toy

torch.set_num_threads(1)
ONE = ("--device", "cpu", "--set", "training.threads=1", "--set", "training.evaluate_every=4")


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_toy(tmp_path_factory.mktemp("toy") / "dataset", ToySettings(train=6, validation=3, test=0))


class Command:
    """`gold-train` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: object) -> tuple[object, str, str]:
        """Exit code, what it printed, and what it said on stderr."""
        self._monkeypatch.setattr(sys, "argv", ["gold-train", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, *self._capsys.readouterr()


@pytest.fixture
def gold_train(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Command(capsys, monkeypatch)


def test_both_kinds_are_trained_as_they_are_asked(gold_train: Command, toy: Dataset, tmp_path: Path) -> None:
    guide = (*ONE, "--preset", "toy", "--steps", 8, "--seed", 3, "--set", "model.width=8")
    code, out, err = gold_train("dt", toy.root, "--out", tmp_path / "guide", *guide)
    assert (code, out.strip()) == (0, str(tmp_path / "guide" / "best.safetensors"))
    assert "8/8 (100%), loss" in err
    assert "validation scenes, the best so far" in err
    policy = load_policy(tmp_path / "guide")
    assert (policy.settings.kind, policy.settings.training.seed, policy.settings.training.steps) == ("dt", 3, 8)
    code, _, _ = gold_train("bc", toy.root, "--out", tmp_path / "clone", *ONE, "--steps", 8)
    assert code == 0
    assert load_policy(tmp_path / "clone").settings.kind == "bc"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--preset", "tiny"), "there is no preset 'tiny'; choose toy, paper, x10, large, gpt2."),
        (("--set", "model.width"), "--set model.width: write NAME=VALUE, as in --set training.batch_size=128"),
        (("--set", "model.width=-1"), "model.width=-1: Input should be greater than or equal to 1."),
        (("--blocks", "radar"), "there is no observation block 'radar'"),
        (("--device", "toaster"), "training.device=toaster: there is no such device; choose cpu, cuda or auto"),
    ],
)
def test_wrong_use_is_one_sentence(
    gold_train: Command, toy: Dataset, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    code, out, err = gold_train("dt", toy.root, "--out", tmp_path / "run", *arguments)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith(f"gold-train: {said}")
    assert not (tmp_path / "run").exists()


def test_sigterm_saves_and_the_same_command_goes_on(gold_train: Command, toy: Dataset, tmp_path: Path) -> None:
    def command(run: str) -> list[str]:
        size = ["--preset", "toy", "--steps", "200", "--set", "model.width=8", "--set", "training.log_every=1"]
        return [
            "dt",
            str(toy.root),
            "--out",
            str(tmp_path / run),
            *size,
            *ONE[:4],
            "--set",
            "training.evaluate_every=0",
        ]

    script = "import torch; torch.set_num_threads(1); from gold_train.cli import main; main()"
    metrics = tmp_path / "stopped" / "metrics.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-c", script, *command("stopped")],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
    )
    while process.poll() is None and not (metrics.exists() and metrics.stat().st_size):
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert "the same command goes on from there." in err
    done = load_policy(tmp_path / "stopped" / "last.safetensors").step
    assert 0 < done < 200
    assert len(metrics.read_text().splitlines()) == done
    assert gold_train(*command("stopped"))[0] == 0
    assert gold_train(*command("whole"))[0] == 0
    for name in ("metrics.jsonl", "last.safetensors", "best.safetensors"):
        assert (tmp_path / "stopped" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert json.loads(metrics.read_text().splitlines()[-1])["step"] == 200
