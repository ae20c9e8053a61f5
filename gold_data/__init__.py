"""From WOMD records to return-to-go trajectories, and how to read them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from gold_data.errors import GoldDataError
from gold_data.settings import ConvertSettings
from gold_data.shards import Dataset, Windows, open_dataset, windows
from gold_data.trajectories.trajectory import Trajectory

if TYPE_CHECKING:
    from gold_data.conversion.job import convert

__all__ = [
    "ConvertSettings",
    "Dataset",
    "GoldDataError",
    "Trajectory",
    "Windows",
    "convert",
    "open_dataset",
    "windows",
]


def __getattr__(name: str) -> Any:
    """`convert` is imported when it is asked for: who reads a dataset needs neither Dask nor MetaDrive."""
    if name == "convert":
        return importlib.import_module("gold_data.conversion.job").convert
    raise AttributeError(f"module 'gold_data' has no attribute {name!r}")
