"""What a replay check says: one row a scenario and ego, and what all rows come to."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from gold_data.replay.fidelity import Breach, Exempt, Fidelity

FAITHFUL, BREACH, FAILED, UNUSABLE = "faithful", "breach", "failed", "unusable"
"""What comes of a row: FAILED where MetaDrive did not get through, UNUSABLE where there is nothing to replay."""


class ReplayRow(BaseModel):
    """One scenario, replayed with one ego from frame `first` of its record on; errors are the largest (m, rad).

    `rounding` is how far the description itself may be off the record, its numbers being float32 (m, for x and for y).
    `error` says why there was nothing to compare, "kind: words"; `scenario` and `ego` are empty where they are unknown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: str
    scenario: str
    source: str
    offset: int
    ego: str = ""
    first: int = 0
    objects: int = 0
    steps: int = 0
    position_error: float | None = None
    heading_error: float | None = None
    rounding: float | None = None
    breaches: tuple[Breach, ...] = ()
    exceptions: tuple[Exempt, ...] = ()
    error: str | None = None

    @classmethod
    def of(
        cls, fidelity: Fidelity, rounding: float, scenario: str, source: str, offset: int, ego: str, first: int
    ) -> ReplayRow:
        """The row of a replay that went through."""
        return cls(
            outcome=BREACH if fidelity.breaches else FAITHFUL,
            scenario=scenario,
            source=source,
            offset=offset,
            ego=ego,
            first=first,
            objects=fidelity.objects,
            steps=fidelity.steps,
            position_error=_finite(fidelity.position_error),
            heading_error=_finite(fidelity.heading_error),
            rounding=_finite(rounding),
            breaches=fidelity.breaches,
            exceptions=fidelity.exempt,
        )


@dataclass
class ReplaySummary:
    """All rows in a few numbers; each row is let go once it is added."""

    outcomes: Counter[str] = field(default_factory=Counter)
    objects: int = 0
    steps: int = 0
    worst_position: tuple[float, str] = (0.0, "")  # m, and the scenario
    worst_heading: tuple[float, str] = (0.0, "")  # rad
    rounding: float = 0.0  # m, the largest
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)  # by (fault, "objects" or "steps")
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)  # the first few things that are wrong, in words

    SHOWN = 8

    def add(self, row: ReplayRow) -> None:
        """Count a row."""
        self.outcomes[row.outcome] += 1
        self.objects += row.objects
        self.steps += row.steps
        if row.objects:  # a row has None for an error that is not finite
            errors = [math.inf if error is None else error for error in (row.position_error, row.heading_error)]
            self.worst_position = max(self.worst_position, (errors[0], row.scenario))
            self.worst_heading = max(self.worst_heading, (errors[1], row.scenario))
        self.rounding = max(self.rounding, row.rounding or 0.0)
        for breach in row.breaches:
            self._count(self.faults, breach.fault, breach.steps)
        for exempt in row.exceptions:
            self._count(self.reasons, exempt.reason, exempt.steps)
        wrong = [f"{row.source} at byte {row.offset}, scenario {row.scenario}, {_said(one)}" for one in row.breaches]
        if row.error is not None:
            wrong.append(f"{row.source} at byte {row.offset}: {row.error}")
        self.shown += wrong[: self.SHOWN - len(self.shown)]

    @property
    def found_something(self) -> bool:
        """Whether a replay is not its record, or did not get through."""
        return bool(self.outcomes[BREACH] or self.outcomes[FAILED])

    @staticmethod
    def _count(counts: Counter[tuple[str, str]], what: str, steps: int) -> None:
        counts[what, "objects"] += 1
        counts[what, "steps"] += steps


def _said(breach: Breach) -> str:
    where = f"object {breach.object} {breach.fault} at {breach.steps} steps, step {breach.step}"
    if breach.position_error is None or breach.heading_error is None:
        return where
    return f"{where}: {breach.position_error:.3g} m, {breach.heading_error:.3g} rad"


def _finite(error: float) -> float | None:
    return error if math.isfinite(error) else None
