"""Every command in the documents is run, in the order in which it stands there, on made-up records."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Command

from gold_data.synth import synthesize

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(ROOT.glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks(document: Path, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(document.read_text()) if kind == language]


def _commands(document: Path) -> list[str]:
    return [line for block in _blocks(document, "sh") for line in block.splitlines() if line]


def test_documents_have_commands() -> None:
    assert {"make demo", "gold-data convert womd/training --out dataset"} <= set(_commands(ROOT / "README.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_exist(document: Path) -> None:
    for command in _commands(document):
        if command.startswith("make "):
            subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        else:
            assert command.startswith(("gold-data ", "gold-train ")), f"{document.name}: nothing runs {command!r}"


def test_readme_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    synthesize(tmp_path / "womd" / "training", 7, seed=5)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

    def run(arguments: list[str]) -> str:
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    first, *others = [command for command in _commands(ROOT / "README.md") if command.startswith("gold-data ")]
    run(first.split())
    # The first shows the installed program with its workers, whose start would be most of what the others take.
    gold_data = Command(capsys, monkeypatch)
    for command in others:
        _, name, *arguments = command.split()
        here = ["--workers", 0] if name in ("convert", "replay-check") else []
        done = gold_data(name, *arguments, *here)
        assert done.code == 0, f"{command}: {done.err}"
    assert (tmp_path / "episode.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "replayable" / "scenarios" / "dataset_summary.pkl").exists()
    reading, driving = _blocks(ROOT / "README.md", "python")
    episode, batch = run([sys.executable, "-c", reading]).splitlines()
    assert "276)" in episode
    assert "(64, 20, 276)" in batch
    assert run([sys.executable, "-c", driving]).startswith("(64, 276) ")
