"""SIGTERM and Ctrl-C: training stops where it can go on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from gold_train.errors import StoppedError

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopAskedError(Exception):
    """A signal came where work may be left at any point."""


class Stop:
    """Whether a signal has come. What handled it before answers the second one."""

    def __init__(self) -> None:
        self.asked: signal.Signals | None = None
        self._at_once = False

    def error(self, run: Path, done: int, steps: int, unit: str) -> StoppedError:
        """What a training raises that was asked to stop, and has saved itself after so many of its steps."""
        return StoppedError(
            f"{run}: stopped and saved after {done} of {steps} {unit}; the same command goes on from there.",
            130 if self.asked == signal.SIGINT else 1,
        )

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take note of the signals inside the block; in another thread than the main one none are heard."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._before = {number: signal.signal(number, self._note) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in self._before.items():
                signal.signal(number, handler)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Inside the block a signal raises StopAskedError where it comes: nothing is lost by leaving it."""
        if self.asked:
            raise StopAskedError
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = signal.Signals(number)
        signal.signal(self.asked, self._before[self.asked])
        if self._at_once:
            raise StopAskedError
