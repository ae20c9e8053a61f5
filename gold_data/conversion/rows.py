"""Small rows of plain data: what the plan says of a scenario, and what a unit says of itself when it is done."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from gold_data.shards import FileRow, ShardRow
from gold_data.trajectories.acceptance import Rejection

if TYPE_CHECKING:
    from gold_data.conversion.index import IndexedRecord


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlannedEgo(_Row):
    """An ego to be driven over the frames `first` to `last` (one past the end) of its record."""

    ego_id: str
    first: int
    last: int


class PlannedRecord(_Row):
    """A scenario to be driven, and where its record is."""

    scenario_id: str
    source: str
    offset: int
    crc: int
    drive: str
    egos: tuple[PlannedEgo, ...]


class Unit(_Row):
    """One output shard: what becomes of it depends on its records' bytes and the settings, on nothing else."""

    name: str
    split: str
    records: tuple[PlannedRecord, ...]


class Rejected(_Row):
    """An ego that was considered and not kept, or a scenario without one (`ego` is then empty): why.

    `demonstration` is 0 for the ego itself, and k for the k-th disturbed drive of one that was kept.
    """

    scenario: str
    ego: str
    demonstration: int
    rule: str
    value: float | None
    threshold: float | None
    detail: str
    source: str
    offset: int
    crc: int


class Damaged(_Row):
    """A stretch of a source that is no record that can be used."""

    source: str
    offset: int
    length: int
    reason: str


class Duplicate(_Row):
    """A record whose scenario was met before, in `first`."""

    scenario: str
    source: str
    offset: int
    first: str


class EpisodeCheck(_Row):
    """An episode that both engines drove: m at most between them, and in how many steps rewards and flags differ."""

    scenario: str
    ego: str
    demonstration: int
    failed: bool = False  # in MetaDrive
    steps: int = 0
    position_max: float = 0.0
    rewards_off: int = 0
    flags_off: int = 0
    end_off: bool = False


class UnitRow(_Row):
    """What a unit came to: scenarios and egos that were kept; `shard` is None where none was."""

    name: str
    split: str
    planned: int
    kept: int
    egos: int
    shard: ShardRow | None
    scenario_files: tuple[FileRow, ...]
    rejected: tuple[Rejected, ...]
    checks: tuple[EpisodeCheck, ...] = ()


def rejected(rejection: Rejection, record: IndexedRecord | PlannedRecord, ego: str, demonstration: int = 0) -> Rejected:
    """A rejection with the name and place of what it rejects."""
    return Rejected(
        scenario=record.scenario_id,
        ego=ego,
        demonstration=demonstration,
        rule=rejection.rule,
        value=None if rejection.value is None or not isfinite(rejection.value) else float(f"{rejection.value:.9g}"),
        threshold=rejection.threshold,
        detail=rejection.detail,
        source=record.source,
        offset=record.offset,
        crc=record.crc,
    )
