"""What the fork server imports: all that a child needs, without an engine and without a thread."""

from __future__ import annotations

import json
import os
import subprocess
import sys

CODE = """
import gc, json, os, sys
import gold_data.replay.preload
from metadrive.engine.engine_utils import engine_initialized
before = set(sys.modules)
import numpy as np
from gold_data.replay import drive_job, DriveJob
from gold_data.settings import ConvertSettings
print(json.dumps([
    len(os.listdir("/proc/self/task")), engine_initialized(), gc.get_freeze_count() > 100_000,
    "torch" in sys.modules or "pandas" in sys.modules, sorted(set(sys.modules) - before),
]))
"""


def test_it_starts_no_thread_and_no_engine_and_freezes_what_it_imported() -> None:
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # numpy would start threads of its own
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    threads, engine, frozen, unused, later = json.loads(done.stdout)
    assert (threads, engine, frozen, unused) == (1, False, True, False)
    assert later == []
