"""What claims are decided by: groups of runs side by side, learning curves, benches."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gold_data.errors import DatasetError
from gold_train.bench import Measured
from gold_train.evaluation.summary import Pair, compare
from gold_train.report.algorithms import IQL, Algorithm
from gold_train.report.curve import Curve
from gold_train.report.groups import Group
from gold_train.report.line import Line, line_of

OFFLINE = ("bc", "dt")


@dataclass(frozen=True)
class Bench:
    """What `gold-train bench --to` wrote."""

    device: str
    threads: int
    rows: tuple[Measured, ...]


@dataclass(frozen=True)
class Seat:
    """An algorithm, whichever actor its student has."""

    kind: str
    guide: str | None = None

    def algorithm(self, actor: str | None) -> Algorithm:
        """With this actor, where it takes one."""
        return Algorithm(self.kind, self.guide, actor if self.kind == IQL else None)


@dataclass(frozen=True)
class Evidence:
    """All that was measured. Pairs are compared once, however many claims ask."""

    groups: tuple[Group, ...]
    curves: tuple[Curve, ...] = ()
    benches: tuple[Bench, ...] = ()
    _pairs: dict[tuple[str, str], Pair | None] = field(default_factory=dict, compare=False)

    def group(self, seat: Seat, actor: str | None, checkpoint: str) -> Group | None:
        """The first group of an algorithm; of what was trained offline by its best, unless its last was driven too."""
        wanted = seat.algorithm(actor)
        found = [group for group in self.groups if group.algorithm == wanted]
        chosen = [group for group in found if group.checkpoint == checkpoint]
        if not chosen and seat.kind in OFFLINE:
            chosen = [group for group in found if group.checkpoint == "best"]
        return min(chosen, key=lambda group: group.runs[0].told.gain is not None, default=None)

    def pair(self, first: Group, second: Group) -> Pair | None:
        """The first less the second, scene by scene."""
        key = first.name, second.name
        if key not in self._pairs:
            self._pairs[key] = compare(first.rows, second.rows)
        return self._pairs[key]

    def line(self, group: Group) -> Line:
        """What a group comes to."""
        return self.lines[group.name]

    @cached_property
    def lines(self) -> dict[str, Line]:
        """Every group, by its name, in order."""
        return {group.name: line_of(group) for group in self.groups}

    def curves_of(self, seat: Seat, actor: str | None) -> list[Curve]:
        """The learning curves of an algorithm, one a seed, of the first settings that there are."""
        found = [curve for curve in self.curves if curve.algorithm == seat.algorithm(actor)]
        return [curve for curve in found if curve.group == found[0].group]


def read_bench(path: Path) -> Bench:
    """Read what `gold-train bench --to` wrote. Raises DatasetError for what is none."""
    try:
        return _BENCH.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DatasetError(f"{path}: holds no bench ({reason}); name a file of `gold-train bench --to`") from error


_BENCH = TypeAdapter(Bench)
