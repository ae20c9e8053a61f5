"""What a parity check says: one row a scenario, and what all rows come to, drive by drive."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from gold_data.replay.both_engines import LOG
from gold_data.replay.parity import Agreement, DriveParity, Off, Stretch

COMPARED, SHORT, FAILED, UNUSABLE = "compared", "short", "failed", "unusable"
"""What comes of a row: SHORT records are not driven; FAILED where an engine did not get through."""

FREE_STEPS = (10, 30, 60, 90)
"""Steps into a drive at which the egos' distance is told, while nobody touches anybody."""
CONTACT_STEPS = (1, 3, 5, 10, 20, 40)
"""The same, counted from the step of the first contact."""


class ParityRow(BaseModel):
    """One scenario, driven in both engines; `error` says why it was not, "kind: words"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: str
    scenario: str
    source: str
    offset: int
    ego: str = ""
    drives: tuple[DriveParity, ...] = ()
    error: str | None = None


@dataclass
class StretchTotals:
    """The same part of many drives."""

    values: dict[str, Off] = field(default_factory=dict)
    contact: Agreement = field(default_factory=Agreement)
    contact_at_pose: Agreement = field(default_factory=Agreement)
    line: Agreement = field(default_factory=Agreement)

    def add(self, other: Stretch | StretchTotals) -> None:
        """Count one more."""
        for name, off in other.values.items():
            self.values[name] = self.values.get(name, Off()) + off
        self.contact += other.contact
        self.contact_at_pose += other.contact_at_pose
        self.line += other.line


@dataclass
class DriveTotals:
    """Many drives; the egos' errors only of those that drive, since on a log replay they are put where they are."""

    drives: int = 0
    steps: int = 0
    with_contact: int = 0
    before: StretchTotals = field(default_factory=StretchTotals)
    after: StretchTotals = field(default_factory=StretchTotals)
    position: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))  # m, by FREE_STEPS
    heading: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))  # rad
    pushed: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))  # m, by CONTACT_STEPS
    arrivals_before: int = 0  # drives that have arrived in one engine alone before the first contact
    arrivals: int = 0  # the same by the end

    def add(self, drive: DriveParity) -> None:
        """Count a drive."""
        self.drives += 1
        self.steps += drive.steps
        self.with_contact += drive.first_contact is not None
        self.before.add(drive.before)
        self.after.add(drive.after)
        self.arrivals_before += drive.arrived_before[0] != drive.arrived_before[1]
        self.arrivals += drive.arrived[0] != drive.arrived[1]
        if drive.drive == LOG:
            return
        free = len(drive.position) if drive.first_contact is None else drive.first_contact
        for step in FREE_STEPS:
            if step < free:
                self.position[step].append(drive.position[step])
                self.heading[step].append(drive.heading[step])
        if drive.first_contact is not None:
            for step in CONTACT_STEPS:
                if drive.first_contact + step < len(drive.position):
                    self.pushed[step].append(drive.position[drive.first_contact + step])

    def merge(self, other: DriveTotals) -> None:
        """Count the drives of another kind as well."""
        self.drives += other.drives
        self.steps += other.steps
        self.with_contact += other.with_contact
        self.arrivals_before += other.arrivals_before
        self.arrivals += other.arrivals
        self.before.add(other.before)
        self.after.add(other.after)
        _extend(self.position, other.position)
        _extend(self.heading, other.heading)
        _extend(self.pushed, other.pushed)


@dataclass
class ParitySummary:
    """All rows in a few numbers; of each drive no more is kept than its errors at some steps."""

    outcomes: Counter[str] = field(default_factory=Counter)
    drives: dict[str, DriveTotals] = field(default_factory=dict)  # by kind of drive
    shown: list[str] = field(default_factory=list)  # the first few rows that were not compared, in words

    SHOWN = 8

    def add(self, row: ParityRow) -> None:
        """Count a row."""
        self.outcomes[row.outcome] += 1
        for drive in row.drives:
            self.drives.setdefault(drive.drive, DriveTotals()).add(drive)
        if row.error is not None and row.outcome != SHORT and len(self.shown) < self.SHOWN:
            self.shown.append(f"{row.source} at byte {row.offset}: {row.error}")

    def all_drives(self) -> DriveTotals:
        """Every drive taken together."""
        result = DriveTotals()
        for one in self.drives.values():
            result.merge(one)
        return result


def _extend(errors: dict[int, list[float]], more: dict[int, list[float]]) -> None:
    for step, values in more.items():
        errors[step] += values
