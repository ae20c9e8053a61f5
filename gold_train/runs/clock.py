"""Where the time goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Seconds spent in each kind of work since it was made, by the work's name."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._began = time.perf_counter()

    @contextmanager
    def spending(self, work: str) -> Iterator[None]:
        """Count the block's seconds as this work's; on CUDA an update's pass where its result is waited for."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.spent[work] = self.spent.get(work, 0.0) + time.perf_counter() - began

    @property
    def seconds(self) -> float:
        """Seconds since it was made."""
        return time.perf_counter() - self._began
