"""From a dataset to figures, by the commands that a user types: the toy, and recorded scenes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from straight_road import straight_record, write_source

from gold_data import ConvertSettings, convert
from gold_data.settings import AcceptanceSettings, CheckSettings, DemonstrationSettings, SplitSettings
from gold_train import cli

torch.set_num_threads(1)

Command = Callable[..., None]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`gold-train` in this process; caches lie in the test's folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*arguments: object) -> None:
        monkeypatch.setattr(sys, "argv", ["gold-train", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        assert end.value.code in (0, None), said.err

    return run


def figures(summary: Path) -> dict[str, dict[str, Any]]:
    """Of each contender over all tasks: name of the figure to its mean."""
    found = json.loads(summary.read_text())["contenders"]
    return {
        one["name"]: {name: figure["mean"] for name, figure in one["strata"]["all"]["figures"].items()} for one in found
    }


def test_the_toy_from_its_expert_to_figures(command: Command, tmp_path: Path) -> None:
    toy, guide, clone, out = (tmp_path / name for name in ("toy", "guide", "clone", "out"))
    command("toy", toy, "--validation", 20, "--test", 60)
    threads = ("--set", "training.threads=1", "--device", "cpu")
    quick = ("--set", "optimiser.learning_rate=0.004", "--set", "optimiser.most_warm_up=30")
    often = ("--set", "training.evaluate_every=150")
    command("dt", toy, "--out", guide, "--preset", "toy", "--steps", 450, *quick, *often, *threads)
    command("bc", toy, "--out", clone, "--steps", 450, *often, *threads)
    command("evaluate", guide, clone, toy, "--out", out, "--device", "cpu")
    reached = figures(out / "summary.json")
    assert set(reached) == {"guide", "clone", "zero action"}
    assert reached["zero action"]["success"] == 0
    assert reached["zero action"]["cost"] == 51
    for name in ("guide", "clone"):
        assert reached[name]["success"] > 0.9
        assert reached[name]["returned"] > 13
        assert reached[name]["cost"] < 6
    written = {file: (out / file).read_bytes() for file in ("episodes.csv", "summary.json")}
    command("evaluate", guide, clone, toy, "--out", out, "--device", "cpu")
    assert {file: (out / file).read_bytes() for file in written} == written


def test_recorded_scenes_from_records_to_figures(command: Command, tmp_path: Path) -> None:
    records = [straight_record(f"{number:02x}", speed=6.0 + number, steps=40) for number in range(8)]
    source = write_source(tmp_path / "records" / "part.tfrecord-00000-of-00001", records)
    settings = ConvertSettings(
        engine="batched",
        acceptance=AcceptanceSettings(min_steps=20),
        demonstrations=DemonstrationSettings(number=6),
        split=SplitSettings(train=4, validation=1, test=3),
        check=CheckSettings(share=0),
    )
    dataset = tmp_path / "dataset"
    convert([str(source.parent)], dataset, settings, workers=0, console=Console(quiet=True))
    run, out = tmp_path / "run", tmp_path / "out"
    usual = ("--set", "training.threads=1", "--device", "cpu", "--blocks", "ego,navigation,pace")
    command("bc", dataset, "--out", run, "--steps", 300, "--set", "training.evaluate_every=300", *usual)
    command("evaluate", run, dataset, "--out", out, "--device", "cpu")
    reached = figures(out / "summary.json")
    assert reached["tracker"]["success"] == 1
    assert reached["run"]["contact"] == 0
    assert reached["run"]["completion"] > 0.5
    assert reached["zero action"]["completion"] < reached["run"]["completion"]
