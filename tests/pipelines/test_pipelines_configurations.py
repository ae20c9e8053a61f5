"""The recipes that come along: the commands know their options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

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
