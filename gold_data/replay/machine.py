"""Can MetaDrive run here? Needs the standard library alone: the Makefile asks before anything is installed."""

from __future__ import annotations

import ctypes
import sys
from importlib.util import find_spec

LIBRARIES = {"libGL.so.1": "libgl1", "libgthread-2.0.so.0": "libglib2.0-0"}
"""Shared libraries that panda3d and OpenCV open even without a screen, and the Debian packages that hold them."""

PACKAGES = ("metadrive", "scipy", "distributed")
"""Of the extra `simulate`: what driving needs, and reading datasets does not."""


def problem() -> str | None:
    """One sentence that says what is missing and how to get it, or None."""
    if sys.version_info[:2] != (3, 11):
        version = ".".join(map(str, sys.version_info[:2]))
        return (
            f"Python {version}: MetaDrive 0.4.3 needs Python 3.11 (reading datasets needs 3.11 or newer); "
            "make the environment with python3.11."
        )
    missing = [package for library, package in LIBRARIES.items() if not _opens(library)]
    if missing:
        return (
            "System libraries are missing that MetaDrive needs; install them with: "
            f"apt-get install -y --no-install-recommends {' '.join(missing)}"
        )
    return None


def check_machine() -> None:
    """Raise MachineError where MetaDrive cannot run here, or what the extra `simulate` brings is not installed."""
    from gold_data.errors import MachineError

    found = problem()
    if found:
        raise MachineError(found)
    missing = [package for package in PACKAGES if find_spec(package) is None]
    if missing:
        raise MachineError(f"{', '.join(missing)} not installed; install them with: pip install 'gold-data[simulate]'")


def _opens(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    if missing := problem():
        sys.exit(missing)
