"""One line of the bench: what was measured, beside what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Row:
    """Rates of ours and of a reference, more being better; sample k of one was taken next to sample k of the other.

    Where the reference has fewer samples, those of ours beyond them count for the rate alone.
    """

    what: str
    unit: str  # of the rates: "MB/s", "steps/s", ...
    ours: tuple[float, ...]
    reference: str
    theirs: tuple[float, ...]
    beside: Mapping[str, str] = field(default_factory=dict)  # other figures, by name

    @property
    def ratios(self) -> tuple[float, ...]:
        """How many times as fast as the reference, pair by pair."""
        return tuple(our / their for our, their in zip(self.ours, self.theirs, strict=False))

    def as_json(self) -> dict[str, Any]:
        """Everything, with the ratio's median and range."""
        ratios = self.ratios
        ratio = {"median": median(ratios), "least": min(ratios), "most": max(ratios), "pairs": ratios}
        return asdict(self) | {"ratio": ratio}


def rates(amount: float, seconds: Sequence[float]) -> tuple[float, ...]:
    """The same amount of work, done in so many seconds each time."""
    return tuple(amount / each for each in seconds)
