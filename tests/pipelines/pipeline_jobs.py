"""Jobs of tiny commands, run as a user runs them: each stage writes one line into a log when it runs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Job:
    """A recipe and a place to work, both in `folder`."""

    folder: Path

    @property
    def work(self) -> Path:
        """Where the results are."""
        return self.folder / "work"

    def write(self, stages: Mapping[str, str], more: str = "") -> None:
        """Write the recipe."""
        lines = [f'"{name}" = """{command}"""' for name, command in stages.items()]
        (self.folder / "recipe.toml").write_text("\n".join([more, "[stages]", *lines]))

    def start(self, *options: object) -> subprocess.Popen[str]:
        """Start the job."""
        recipe = str(self.folder / "recipe.toml")
        command = [sys.executable, "-m", "pipelines", recipe, "--work", str(self.work), *map(str, options)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)

    def run(self, *options: object) -> subprocess.CompletedProcess[str]:
        """Run the job to its end."""
        with self.start(*options) as process:
            out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def logged(self) -> list[str]:
        """What the stages said of themselves since this was asked last."""
        log = self.folder / "log"
        lines = log.read_text().split() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    def stage(self, name: str, script: str) -> str:
        """A command that runs a shell script, with {out} as its $0, and has itself logged first."""
        return f"sh -c 'echo {name} >> {self.folder}/log; {script}' {{out}}"


def wait_for(path: Path) -> None:
    """Wait until a file is there."""
    until = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < until, f"{path} does not appear"
        time.sleep(0.02)


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The last line on stderr, which the job itself says."""
    last = done.stderr.splitlines()[-1]
    assert last.startswith("pipelines: "), done.stderr
    return last.removeprefix("pipelines: ")
