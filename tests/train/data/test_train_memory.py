"""A dataset that is larger than what training may allocate."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from train_datasets import numbers

from gold_data import windows
from gold_data.replay import Block
from gold_data.settings import Settings
from gold_data.shards import write_dataset

WIDE = Block("wide", tuple(f"n{k}" for k in range(256)), "random", 0.0, 1.0)
STEPS, EPISODES = 500, 60

READER = """
import resource, sys
from pathlib import Path
import numpy as np
from gold_data import open_dataset
from gold_train.data.recorded import RecordedBatches

dataset, cache = open_dataset(sys.argv[1]), Path(sys.argv[2])
size = sum(path.stat().st_size for path in cache.rglob("*.npy"))
allocated = next(int(row.split()[1]) * 1024 for row in open("/proc/self/status") if row.startswith("VmData"))
resource.setrlimit(resource.RLIMIT_DATA, (allocated + size // 5,) * 2)
batches = RecordedBatches(dataset, np.arange(256), length=20, batch_size=16, seed=0, cache=cache)
for step in range(500):
    batches.batch(step)
try:
    np.ones(size, np.uint8)
except MemoryError:
    print(size)
"""


def test_a_dataset_five_times_the_memory_that_may_be_allocated_is_read(tmp_path: Path) -> None:
    seen = np.random.default_rng(0).random((STEPS + 1, 256), dtype=np.float32)
    episodes = [numbers(k, STEPS) | {"observations": seen} for k in range(EPISODES)]
    dataset = write_dataset(tmp_path / "out", {"train": episodes}, (WIDE,), Settings(), "numbers")
    windows(dataset, "train", 20, cache=tmp_path / "cache")
    done = subprocess.run(
        [sys.executable, "-c", READER, str(dataset.root), str(tmp_path / "cache")],
        capture_output=True,
        text=True,
        check=False,
        # What was freed while modules were imported goes back, and serves no array.
        env={"OMP_NUM_THREADS": "1", "HOME": str(tmp_path), "MALLOC_MMAP_THRESHOLD_": "65536"},
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > STEPS * EPISODES * 1024
