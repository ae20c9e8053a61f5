"""Python's garbage collector, kept from looking again and again through what stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

ALLOCATIONS = 100_000
"""Containers made, less those freed, before the collector looks: a scene has some ten thousand, and hardly a cycle.

At Python's 700 it looks through each scene many times while it is made, for a third of the time that takes.
"""


def settle_collector() -> None:
    """Leave alone all that there is by now, and look less often through what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS)


@contextmanager
def settled_collector() -> Iterator[None]:
    """The same while the block runs."""
    before = gc.get_threshold()
    settle_collector()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
