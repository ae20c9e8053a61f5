"""The commands of gold_train in the documents are run, in the order in which they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMANDS = re.compile(r"^gold-train .*$", re.MULTILINE)


def test_commands_of_the_readme_train_drive_and_report(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    commands = COMMANDS.findall((ROOT / "gold_train" / "README.md").read_text())
    first = COMMANDS.findall((ROOT / "README.md").read_text())
    assert first == [command for command in commands if command in first]
    for command in commands:
        done = subprocess.run(
            command.split(), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
    results = json.loads((tmp_path / "results" / "summary.json").read_text())
    assert {"guide", "clone", "student", "alone"} <= {one["name"] for one in results["contenders"]}
    assert (tmp_path / "table" / "curves.png").exists()
    assert (tmp_path / "exported" / "student.onnx").exists()
