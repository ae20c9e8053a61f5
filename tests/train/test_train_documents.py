"""The commands of gold_train in the documents are run, in the order in which they stand there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from command_line import Command

from gold_train import cli

torch.set_num_threads(1)

ROOT = Path(__file__).parents[2]
COMMANDS = re.compile(r"^gold-train .*$", re.MULTILINE)


def test_commands_of_the_readme_train_drive_and_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    commands = COMMANDS.findall((ROOT / "gold_train" / "README.md").read_text())
    first = COMMANDS.findall((ROOT / "README.md").read_text())
    assert first == [command for command in commands if command in first]
    program, *arguments = commands[0].split()
    subprocess.run([Path(sys.executable).parent / program, *arguments], capture_output=True, check=True)
    # As installed programs the others would import torch for longer than most of them work.
    gold_train = Command(capsys, monkeypatch, program, cli.main)
    for command in commands[1:]:
        done = gold_train(*command.split()[1:])
        assert done.code == 0, f"{command}: {done.err}"
    results = json.loads((tmp_path / "results" / "summary.json").read_text())
    assert {"guide", "clone", "student", "alone"} <= {one["name"] for one in results["contenders"]}
    assert (tmp_path / "table" / "curves.png").exists()
    assert (tmp_path / "exported" / "student.onnx").exists()
