"""Where it was measured: hardware, load, versions, commit."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from gold_data.conversion.run import cores

PACKAGES = (
    "gold-data",
    "numpy",
    "numba",
    "llvmlite",
    "zarr",
    "protobuf",
    "google-crc32c",
    "metadrive-simulator",
    "panda3d",
    "dask",
)
ROOT = Path(__file__).parents[1]


def describe_machine() -> dict[str, Any]:
    """Hardware and software; `load` is that of the last 1, 5 and 15 minutes before anything is measured."""
    return {
        "cpu": _cpu(),
        "cores": cores(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load": os.getloadavg(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "commit": _commit(),
    }


def _cpu() -> str:
    """The model's name; together with family and model, since virtual machines are often called by the maker alone."""
    try:
        lines = Path("/proc/cpuinfo").read_text().partition("\n\n")[0].splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    name = told.get("model name", platform.machine())
    return (
        f"{name}, family {told.get('cpu family', '?')} model {told.get('model', '?')}, {told.get('cpu MHz', '?')} MHz"
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit, with "-dirty" where files differ from it; None where this is no clone or git is not there."""
    try:
        command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
