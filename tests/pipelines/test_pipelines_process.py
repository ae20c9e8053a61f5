"""What a command's processes used, and when they have all ended."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from pipeline_jobs import ROOT

MEASURE = """
import json, os, sys
from pathlib import Path
import pipelines.process as process
process.PATIENCE = 3.0
process.adopt_orphans()
ended = process.run_measured(sys.executable, [sys.executable, "-c", sys.argv[1]], os.environ, process.Group())
print(json.dumps([ended.exit_code, ended.wall_seconds, ended.cpu_seconds, ended.peak_rss_bytes]))
"""
ORPHAN = """
import os, sys, time
if os.fork() == 0:
    if os.fork() == 0:  # its parent ends at once, and the command's own before it
        {work}
        os._exit(0)
    os._exit(0)
os.wait()
sys.exit(5)
"""


def _measured(script: str) -> tuple[int, float, float, int]:
    command = [sys.executable, "-c", MEASURE, script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    code, wall, cpu, rss = json.loads(done.stdout)
    return code, wall, cpu, rss


def test_cpu_and_memory_of_orphans_are_counted() -> None:
    work = "block = bytearray(200_000_000)\n        while time.process_time() < 1.0: pass"
    code, wall, cpu, rss = _measured(ORPHAN.format(work=work))
    assert code == 5
    assert 1.0 < cpu < 5.0
    assert wall >= 1.0
    assert 200e6 < rss < 400e6


def test_all_processes_have_ended_before_the_result_is_taken(tmp_path: Path) -> None:
    late = tmp_path / "late"
    _measured(ORPHAN.format(work=f"time.sleep(0.5); open({str(late)!r}, 'w').close()"))
    assert late.exists()


def test_who_stays_too_long_is_ended(tmp_path: Path) -> None:
    late = tmp_path / "late"
    code, wall, _, _ = _measured(ORPHAN.format(work=f"time.sleep(30); open({str(late)!r}, 'w').close()"))
    assert code == 5
    assert 3.0 < wall < 20.0
    assert not late.exists()
