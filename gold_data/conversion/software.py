"""The software whose versions decide a dataset's bytes."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

from gold_data.version import VERSION

PACKAGES = ("metadrive-simulator", "numba", "numcodecs", "numpy", "zarr")
"""They drive, calculate, and pack what was driven."""


def software() -> dict[str, str]:
    """The version of each, "none" for what is not installed."""
    return {"gold-data": VERSION, **{package: _version(package) for package in PACKAGES}}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
