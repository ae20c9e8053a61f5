"""gold_train/README.md explains every metric that is written, and its commands are ones that there are."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
import typer

import gold_train
from gold_train.cli import app
from gold_train.evaluation.metrics import Metrics
from gold_train.evaluation.summary import FIGURES
from gold_train.runs.validation import Validation

README = (Path(str(gold_train.__file__)).parent / "README.md").read_text()
EXPLAINED = {name for row in re.findall(r"^\| (`.*?`) \|", README, re.MULTILINE) for name in re.findall("`(.*?)`", row)}
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]


def test_every_metric_is_explained() -> None:
    training = {"step", "loss", "gradient_norm", "learning_rate"}
    assert training | {field.name for field in fields(Validation)} <= EXPLAINED
    assert {field.name for field in fields(Metrics)} <= EXPLAINED
    assert all(f"`{name}`" in README for name in FIGURES)


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_are_taken_as_they_stand(line: str) -> None:
    program, name, *arguments = shlex.split(line)
    command = typer.main.get_command(app)
    assert isinstance(command, typer.core.TyperGroup)
    assert program == "gold-train"
    command.commands[name].make_context(name, arguments)


def test_there_are_commands() -> None:
    assert {line.split()[1] for line in COMMANDS} == {
        "toy",
        "dt",
        "bc",
        "distill",
        "evaluate",
        "table",
        "export",
        "bench",
    }
