from __future__ import annotations

import math
from pathlib import Path

import torch

from benchmarks.batching import measure_batching
from benchmarks.material import Material
from benchmarks.sizes import SMOKE
from gold_data.synth import synthesize
from gold_train.settings import PRESETS, TransformerRun


def test_each_source_stands_beside_an_update(tmp_path: Path) -> None:
    synthesize(tmp_path / "records", SMOKE.records, 0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        material = Material((str(tmp_path / "records"),), tmp_path, SMOKE)
        rows = list(measure_batching(material, TransformerRun(model=PRESETS["toy"]), repeats=2, drives=4))
    finally:
        torch.set_num_threads(threads)
    assert [row.what for row in rows] == [
        "batches of a dataset",
        "batches drawn fresh",
        "demonstrations, all at once",
    ]
    assert all(math.isfinite(ratio) and ratio > 0 for row in rows for ratio in row.ratios)
    assert all(len(row.ours) == len(row.theirs) == 2 for row in rows)
