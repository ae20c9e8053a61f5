"""How far the batched engine may be off MetaDrive: each figure of a parity check with its limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from gold_data.conversion.parity_rows import DriveTotals, ParitySummary
from gold_data.replay.parity import Agreement, Off

Figure: TypeAlias = Callable[[DriveTotals], float | None]
"""Reads a figure out of many drives; None where they have nothing of the kind."""


@dataclass(frozen=True)
class Limit:
    """What a figure may be at the most."""

    name: str
    at_most: float
    unit: str  # m, share or count
    figure: Figure


@dataclass(frozen=True)
class Finding:
    """A figure of all drives beside its limit."""

    limit: Limit
    value: float | None

    @property
    def missed(self) -> bool:
        """Whether it is beyond its limit; what there is nothing of is not."""
        return self.value is not None and not self.value <= self.limit.at_most


def _position(step: int, share: float) -> Figure:
    return lambda drives: quantile(drives.position.get(step, []), share)


def _pushed(step: int, share: float) -> Figure:
    return lambda drives: quantile(drives.pushed.get(step, []), share)


def _small(name: str) -> Figure:
    return lambda drives: _share(drives.before.values.get(name, Off()), "small")


def _large(name: str) -> Figure:
    return lambda drives: _share(drives.before.values.get(name, Off()), "large")


def _wrong(flags: Callable[[DriveTotals], Agreement]) -> Figure:
    def share(drives: DriveTotals) -> float | None:
        agreement = flags(drives)
        return agreement.wrong / agreement.frames if agreement.frames else None

    return share


BEFORE = (
    Limit("distance, step 90, median", 0.01, "m", _position(90, 0.5)),
    Limit("distance, step 90, p95", 0.05, "m", _position(90, 0.95)),
    Limit("reward > 1e-3", 0.001, "share", _small("reward")),
    Limit("navigation_stock > 1e-3", 0.001, "share", _small("navigation_stock")),
    Limit("navigation > 1e-3", 0.001, "share", _small("navigation")),
    Limit("ego > 1e-2", 0.005, "share", _large("ego")),
    Limit("pace > 1e-2", 0.005, "share", _large("pace")),
    Limit("side > 1e-2", 0.005, "share", _large("side")),
    Limit("lidar > 1e-2", 0.005, "share", _large("lidar")),
    Limit("contact flags wrong", 0.001, "share", _wrong(lambda drives: drives.before.contact)),
    Limit("arrived in one alone", 0, "count", lambda drives: float(drives.arrivals_before)),
)
"""Before MetaDrive's first contact, its own step included where flags are counted."""

AFTER = (
    Limit("after: at MetaDrive's pose", 0.03, "share", _wrong(lambda drives: drives.after.contact_at_pose)),
    Limit("after: flags wrong", 0.07, "share", _wrong(lambda drives: drives.after.contact)),
    *(
        Limit(f"contact + {step}, {name}", at_most, "m", _pushed(step, share))
        for step, median, p95 in (
            (1, 0.006, 0.07),
            (3, 0.05, 0.12),
            (5, 0.07, 0.27),
            (10, 0.09, 0.63),
            (20, 0.15, 2.1),
            (40, 0.18, 4.2),
        )
        for name, share, at_most in (("median", 0.5, median), ("p95", 0.95, p95))
    ),
)
"""Behind the first contact: what the prototype of this engine reached on 36 drives."""


def findings(summary: ParitySummary) -> tuple[Finding, ...]:
    """Every limit with the figure of all drives taken together."""
    drives = summary.all_drives()
    return tuple(Finding(limit, limit.figure(drives)) for limit in (*BEFORE, *AFTER))


def quantile(values: list[float], share: float) -> float | None:
    """None where there are no values."""
    return float(np.quantile(values, share)) if values else None


def _share(off: Off, size: str) -> float | None:
    return int(getattr(off, size)) / off.values if off.values else None
