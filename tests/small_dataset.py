"""A small converted dataset, by the batched engine: two sources, with damage, a duplicate and a drive of two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from straight_road import QUICK, write_small_sources

from gold_data import Dataset, convert, open_dataset
from gold_data.settings import CheckSettings, ConvertSettings
from gold_data.shards import FileRow, write_manifest

BATCHED: ConvertSettings = QUICK.model_copy(update={"engine": "batched", "check": CheckSettings(share=0.0)})


def make_small_dataset(folder: Path) -> Dataset:
    """Convert `folder`/training and `folder`/more, which are written, to `folder`/dataset."""
    sources = write_small_sources(folder)
    return convert(sources, folder / "dataset", BATCHED, workers=0, console=Console(quiet=True))


def change_json(dataset: Dataset, name: str, change: Callable[[Any], None]) -> Dataset:
    """Change a JSON file of a dataset in place, and the manifest with it: each file is then as it is listed."""
    path = dataset.root / name
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    return list_again(dataset, name)


def list_again(dataset: Dataset, name: str, **changes: Any) -> Dataset:
    """Write the manifest anew with what a file is now, and with other changes; its card is what it was."""
    data = (dataset.root / name).read_bytes()
    files = tuple(FileRow.of(name, data) if row.path == name else row for row in dataset.manifest.files)
    if name == "statistics.json":
        changes["statistics_digest"] = hashlib.sha256(data).hexdigest()
    manifest = dataset.manifest.model_copy(update={"files": files, **changes})
    write_manifest(dataset.root, manifest, (dataset.root / "README.md").read_text())
    return open_dataset(dataset.root)
