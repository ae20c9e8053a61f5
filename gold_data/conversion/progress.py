"""How far a long job is: a live bar on a terminal, plain lines anywhere else; both on stderr."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

QUIET = 10.0
"""Seconds between two plain lines."""


class Tally:
    """Counts what is done, by outcome; shows rate, share done, time left, and a `note`.

    `before` were done by an earlier job, which says nothing of how fast this one is.
    """

    def __init__(self, title: str, total: int, thing: str, before: int = 0) -> None:
        self.title, self.total, self.thing, self.before = title, total, thing, before
        self.outcomes: Counter[str] = Counter()
        self.began = time.monotonic()
        self.note = ""

    @property
    def done(self) -> int:
        """How many are done."""
        return self.before + self.outcomes.total()

    def add(self, outcome: str) -> None:
        """One more is done."""
        self.outcomes[outcome] += 1

    @property
    def rate(self) -> float:
        """Per second."""
        return self.outcomes.total() / max(time.monotonic() - self.began, 1e-9)

    @property
    def detail(self) -> str:
        """Rate, how many of each outcome, where there are several, and the note."""
        parts = [f"{self.rate:.1f} {self.thing}/s"]
        if len(self.outcomes) > 1:
            parts += [f"{count} {outcome}" for outcome, count in self.outcomes.most_common()]
        if self.note:
            parts.append(self.note)
        return ", ".join(parts)

    def line(self) -> str:
        """All in one line of text."""
        share = f"{self.done}/{self.total} ({self.done / max(self.total, 1):.0%})"
        left = "" if not self.outcomes else f", {clock((self.total - self.done) / max(self.rate, 1e-9))} left"
        return f"{self.title}: {share}, {self.detail}{left}"


class _Bar(Tally):
    def __init__(self, title: str, total: int, thing: str, before: int, progress: Progress) -> None:
        super().__init__(title, total, thing, before)
        self._progress, self._task = progress, progress.add_task(title, total=total, completed=before, detail="")

    def add(self, outcome: str) -> None:
        super().add(outcome)
        self._progress.update(self._task, completed=self.done, detail=self.detail)


class _Lines(Tally):
    def __init__(self, title: str, total: int, thing: str, before: int, console: Console) -> None:
        super().__init__(title, total, thing, before)
        self._console, self._last = console, 0.0

    def add(self, outcome: str) -> None:
        super().add(outcome)
        now = time.monotonic()
        if now - self._last >= QUIET or self.done == self.total:
            self._last = now
            self._console.print(self.line(), highlight=False, soft_wrap=True)


@contextmanager
def tally(title: str, total: int, thing: str, console: Console, before: int = 0) -> Iterator[Tally]:
    """Show the progress of `total` things (named in the plural), `before` of them done, while the block runs."""
    if not console.is_terminal:
        yield _Lines(title, total, thing, before, console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    with Progress(*columns, console=console) as progress:
        yield _Bar(title, total, thing, before, progress)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
