"""A Dask cluster that was there before: slow to start, and so not among the fast tests; it wants no records."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from straight_road import QUICK

from gold_data import Dataset, convert


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """Address of a scheduler with two workers, started as their owner would."""
    address = tmp_path / "scheduler.json"
    common = [sys.executable, "-m"]
    commands = [
        [*common, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
        [*common, "distributed.cli.dask_worker", "--nworkers", "2", "--nthreads", "1", "--no-dashboard"],
    ]
    with contextlib.ExitStack() as stack:
        for command in commands:
            process = stack.enter_context(
                subprocess.Popen([*command, "--scheduler-file", str(address)], cwd=tmp_path, stderr=subprocess.DEVNULL)
            )
            stack.callback(process.terminate)
            while not address.exists():
                time.sleep(0.1)
        yield json.loads(address.read_text())["address"]


def test_workers_of_another_give_the_same_bytes(
    scheduler: str, small_sources: list[str], converted: Dataset, tmp_path: Path
) -> None:
    out = convert(small_sources, tmp_path / "out", QUICK, scheduler=scheduler, console=Console(quiet=True)).root
    files = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
    assert files == {path.relative_to(converted.root) for path in converted.root.rglob("*") if path.is_file()}
    differ = {str(name) for name in files if (out / name).read_bytes() != (converted.root / name).read_bytes()}
    assert differ == {"run.json"}
    assert scheduler in (out / "run.json").read_text()
