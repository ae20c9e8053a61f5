"""Conversions killed at any moment, with all their processes: resumed they have the bytes of one that was not."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from gold_data.conversion.unit import ROWS
from gold_data.shards import verify
from gold_data.synth import synthesize

COMMAND = [sys.executable, "-c", "from gold_data.cli import main; main()", "convert"]
OPTIONS = {
    "batched": ["--engine", "batched", "--check-share", "0", "--set", "unit=2", "--workers", "2"],
    "metadrive": ["--scenarios", "--set", "unit=2", "--workers", "2"],
}
KILLS = [("batched", number) for number in range(20)] + [("metadrive", number) for number in range(3)]


class Uninterrupted:
    """Conversions that nobody disturbs, one an engine, with the seconds that each took."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.records = folder, folder / "records"
        synthesize(self.records, 16, 0)
        self.seconds: dict[str, float] = {}

    def out(self, engine: str) -> Path:
        out = self.folder / engine
        if engine not in self.seconds:
            began = time.monotonic()
            subprocess.run(command(self.records, out, engine), check=True, capture_output=True)
            self.seconds[engine] = time.monotonic() - began
        return out


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Uninterrupted:
    return Uninterrupted(tmp_path_factory.mktemp("uninterrupted"))


def command(records: Path, out: Path, engine: str, *more: str) -> list[str]:
    return [*COMMAND, str(records), "--out", str(out), *OPTIONS[engine], *more]


def tree(root: Path) -> dict[str, bytes]:
    files = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
    del files["run.json"]
    return files


def finished(out: Path) -> dict[str, int]:
    """When the shard of each finished unit was made."""
    names = [path.stem for path in (out / ROWS).glob("*-*.json") if not path.name.startswith(".")]
    shards = [out / "shards" / f"{name}.zarr" / "zarr.json" for name in names]
    return {str(path): path.stat().st_mtime_ns for path in shards if path.exists()}


def session(leader: int) -> Iterator[str]:
    """Commands of the processes that still run in a session."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                yield " ".join(process.cmdline())


@pytest.mark.parametrize(("engine", "number"), KILLS)
def test_killed_at_any_moment_and_resumed(
    uninterrupted: Uninterrupted, tmp_path: Path, engine: str, number: int
) -> None:
    expected, out = uninterrupted.out(engine), tmp_path / "out"
    moment = random.Random(number).uniform(0.05, 1.0) * uninterrupted.seconds[engine]
    with subprocess.Popen(
        command(uninterrupted.records, out, engine),
        start_new_session=True,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as job:
        time.sleep(moment)
        os.killpg(job.pid, signal.SIGKILL)
    kept = finished(out)
    done = subprocess.run(
        command(uninterrupted.records, out, engine, "--resume"), check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert {path: Path(path).stat().st_mtime_ns for path in kept} == kept, "what is finished is not made again"
    assert tree(out) == tree(expected)
    assert verify(out) == []


def test_a_worker_that_is_killed_in_mid_unit_costs_nothing(uninterrupted: Uninterrupted, tmp_path: Path) -> None:
    expected, out = uninterrupted.out("metadrive"), tmp_path / "out"
    with subprocess.Popen(
        command(uninterrupted.records, out, "metadrive"),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as job:
        assert job.stderr is not None
        said = []
        for line in job.stderr:
            said.append(line)
            if line.startswith("Driving:"):
                break
        workers = [one for one in psutil.Process(job.pid).children() if "spawn_main" in " ".join(one.cmdline())]
        assert len(workers) == 2
        workers[0].kill()
        said += job.stderr.readlines()
        assert job.wait() == 0, said
    assert tree(out) == tree(expected)
    assert list(session(job.pid)) == []
