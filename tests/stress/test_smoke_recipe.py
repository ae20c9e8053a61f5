"""The small recipe, from made-up records to the table, stopped once on its way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from gold_data import open_dataset
from pipelines.recipe import read_recipe

ROOT = Path(__file__).parents[2]


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
    stages = [*read_recipe(ROOT / "pipelines" / "smoke.toml").stages, "all"]
    assert [line.split()[0] for line in done.stdout.splitlines()[-len(stages) :]] == stages
