"""A shard written, and windows read for training."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from statistics import median

import numpy as np
from rich.console import Console

from benchmarks.material import Material
from benchmarks.row import Row, rates
from benchmarks.timing import by_turns, rate_over
from gold_data import Dataset, convert, windows
from gold_data.settings import with_changes
from gold_data.shards.layout import LAYOUT, STRING
from gold_data.shards.writer import shard_arrays, write_episodes

LENGTH, BATCH = 20, 64
"""Steps of a window, and windows of a batch."""


def measure_storing(material: Material) -> Iterator[Row]:
    """A dataset is made of the sources' records for this, with disturbed drives: no two episodes are equal."""
    dataset = dataset_of(material)
    yield _writing(material, dataset)
    yield _windows(material, dataset)


def dataset_of(material: Material) -> Dataset:
    """Some of the sources' scenarios converted, each ego with disturbed drives, all to train on."""
    sizes = material.sizes
    changes = {
        "engine": "batched",
        "check.share": "0",
        "split.train": str(sizes.episodes),
        "split.validation": "0",
        "split.test": "0",
        "demonstrations.number": str(sizes.demonstrations),
    }
    settings = with_changes(material.settings, changes)
    place = material.work / "dataset"
    return convert(material.paths, place, settings, workers=0, console=Console(quiet=True))


def _writing(material: Material, dataset: Dataset) -> Row:
    """Checked, packed, read back, digested and synced, against the bare bytes of the same arrays."""
    given = [name for name, column in LAYOUT.items() if not column.derived]
    episodes = [
        {name: episode[name] for name in given if name in episode.columns} for episode in dataset.episodes("train")
    ]
    arrays = shard_arrays("shard", episodes)
    plain = {name: values for name, values in arrays.items() if LAYOUT[name].dtype != STRING}
    megabytes = sum(values.nbytes for values in plain.values()) / 1e6
    shards, numbers = material.work / "shards", count()
    saved = material.work / "saved"
    saved.mkdir()

    def write() -> None:
        write_episodes(shards / f"{next(numbers)}.zarr", episodes)

    def save() -> None:
        for name, values in plain.items():
            np.save(saved / name, values)

    ours, theirs = by_turns(write, save, material.sizes.repeats)
    on_disk = sum(file.stat().st_size for file in (shards / "0.zarr").rglob("*") if file.is_file()) / 1e6
    shutil.rmtree(shards)
    beside = {"episodes": str(len(episodes)), "MB": f"{megabytes:.1f}", "on disk": f"{on_disk:.1f}"}
    return Row("shard writing", "MB/s", rates(megabytes, ours), "numpy.save", rates(megabytes, theirs), beside)


def _windows(material: Material, dataset: Dataset) -> Row:
    """Batches in the order in which training reads them, against rows of the same files, in RAM, at the same places."""
    batches = windows(dataset, "train", LENGTH, batch_size=BATCH, cache=material.work / "windows")
    columns = [np.load(file) for file in sorted(batches.cache.glob("*.npy"))]
    back = np.arange(1 - LENGTH, 1)
    numbers = count()
    places = [np.maximum(batches.ends(step)[:, None] + back, 0) for step in range(64)]

    def read() -> None:
        batches.batch(next(numbers))

    def take() -> None:
        rows = places[next(numbers) % len(places)]
        for values in columns:
            values[rows]

    pairs = [
        (rate_over(read, BATCH, material.sizes.seconds).cpu, rate_over(take, BATCH, material.sizes.seconds).cpu)
        for _ in range(material.sizes.turns)
    ]
    ours, theirs = tuple(our for our, _ in pairs), tuple(their for _, their in pairs)
    window = sum(LENGTH * values[0].nbytes for values in columns) / 1e6
    beside = {"steps a window": str(LENGTH), "MB/s": f"{window * median(ours):,.0f}"}
    return Row("window reading", "windows/s", ours, "numpy fancy indexing in RAM", theirs, beside)
