"""The recipes that come along: the commands know their options, and the small one runs."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from gold_data import open_dataset
from gold_data.cli import app
from gold_train.cli import app as training
from pipelines.recipe import read_recipe, stages_of

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "pipelines").glob("*.toml"))


def test_there_are_all_three() -> None:
    assert {"smoke.toml", "reduced.toml", "full.toml"} <= {recipe.name for recipe in RECIPES}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_commands_know_their_options(path: Path) -> None:
    recipe = read_recipe(path)
    for stage in stages_of(recipe, {name: ["x"] for name in recipe.inputs}):
        program, name, *arguments = stage.command({name: name for name in ("out", *stage.needs)})
        group = typer.main.get_command({"gold-data": app, "gold-train": training}[program])
        assert isinstance(group, typer.core.TyperGroup)
        command = group.commands[name]
        command.make_context(name, arguments)  # raises for an option that there is not, or a value of a wrong kind


def test_full_is_the_papers_size() -> None:
    recipe = read_recipe(ROOT / "pipelines" / "full.toml")
    assert re.search(r"--train 10000 --validation \d+ --test 1000 ", recipe.stages["dataset"])
    assert "--engine metadrive" in recipe.stages["results"]
    assert recipe.accept == {"dataset": (3,), "results": (3,)}


def test_smoke_runs_and_goes_on_after_a_stop(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipelines", "pipelines/smoke.toml", "--work", str(tmp_path / "work")]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as job:
        assert job.stderr is not None
        for line in job.stderr:
            if line.startswith("Indexing: "):  # the conversion has begun
                job.send_signal(signal.SIGTERM)
                break
        rest = job.stderr.read()
    assert job.returncode == 128 + signal.SIGTERM
    assert "interrupted by SIGTERM before stage dataset was made" in rest
    assert not (tmp_path / "work" / "dataset").exists()
    before = (tmp_path / "work" / "records").stat().st_mtime_ns
    time.sleep(0.01)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "records: is there\n" in done.stderr
    assert (tmp_path / "work" / "records").stat().st_mtime_ns == before
    counts = open_dataset(tmp_path / "work" / "dataset").manifest.counts
    assert counts.scenarios.kept > 0
    assert (tmp_path / "work" / "episode.png").read_bytes().startswith(b"\x89PNG")
    assert "</html>" in (tmp_path / "work" / "report.html").read_text()
    record = json.loads((tmp_path / "work" / "stages" / "dataset.json").read_text())
    assert record["cpu_seconds"] > 0.5
    assert record["peak_rss_bytes"] > 50e6
    table = tmp_path / "work" / "table"
    assert {each.name for each in table.iterdir()} == {
        "table.md",
        "table.json",
        "plane.png",
        "curves.png",
        "scene.png",
    }
    stages = [line.split()[0] for line in done.stdout.splitlines()]
    assert stages[stages.index("stage") + 1 :] == [*read_recipe(ROOT / "pipelines" / "smoke.toml").stages, "all"]
