"""How far a training is, on stderr: one line that changes on a terminal, a plain line now and then anywhere else."""

from __future__ import annotations

import math
from types import TracebackType
from typing import Final, Self

from rich.console import Console

from gold_train.runs.clock import Clock

QUIET: Final = 10.0
"""Seconds between two plain lines."""


class Shown:
    """Shows what is done, how it goes, rate and time left of a training of `steps`, of which `first` were done before.

    `unit` is what a step is, as in `updates`.
    """

    def __init__(self, title: str, unit: str, first: int, steps: int, clock: Clock, console: Console) -> None:
        self._title, self._unit, self._first, self._steps = title, unit, first, steps
        self._clock, self._console = clock, console
        self._status = console.status(title) if console.is_terminal else None
        self._last = -math.inf

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()

    def say(self, text: str) -> None:
        """A line that stays."""
        self._console.print(f"{self._title}: {text}", highlight=False, markup=False, soft_wrap=True)

    def update(self, step: int, told: str) -> None:
        """So many steps are done, and `told` is how the last of them went."""
        if self._status:
            self._status.update(f"{self._title}: {self.line(step, told)}")
        elif self._clock.seconds - self._last >= QUIET or step == self._steps:
            self._last = self._clock.seconds
            self.say(self.line(step, told))

    def line(self, step: int, told: str) -> str:
        """All of it in one line. The time left counts the drives of the validation scenes as they came so far."""
        rate = (step - self._first) / max(self._clock.seconds, 1e-9)
        left = f", {_clock((self._steps - step) / rate)} left" if rate > 0 else ""
        return f"{step}/{self._steps} ({step / self._steps:.0%}), {told}, {rate:.1f} {self._unit}/s{left}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
