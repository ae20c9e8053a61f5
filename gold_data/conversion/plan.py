"""What will be driven, in which split and unit: all of it fixed before any simulator starts."""

from __future__ import annotations

from collections.abc import Sequence

import google_crc32c
from pydantic import BaseModel, ConfigDict

from gold_data.chance import hashed
from gold_data.conversion.drives import group_drives
from gold_data.conversion.index import IndexedRecord, SourceIndex
from gold_data.conversion.rows import Damaged, Duplicate, PlannedEgo, PlannedRecord, Rejected, Unit, rejected
from gold_data.conversion.software import software
from gold_data.conversion.split import named_splits, split_drives
from gold_data.settings import SPLITS, ConvertSettings, digest
from gold_data.trajectories.acceptance import Rejection
from gold_data.trajectories.egos import Candidate

PLAN = "plan.json"
SETTINGS = "settings.json"
"""They are written before any unit starts, and say what a job stands on."""


class PlannedSource(BaseModel):
    """A source file by its name: size in bytes, whole records, and one CRC-32C over all that the index found in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    size: int
    records: int
    crc: int


class Plan(BaseModel):
    """Sources, units, and everything that the index has already set aside."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    software: dict[str, str]
    settings_digest: str
    sources: tuple[PlannedSource, ...]
    units: tuple[Unit, ...]
    rejected: tuple[Rejected, ...]
    damaged: tuple[Damaged, ...]
    duplicates: tuple[Duplicate, ...]
    scenarios: int
    unplanned_scenarios: int
    unplanned_egos: int

    @property
    def planned(self) -> int:
        """Scenarios that will be driven."""
        return sum(len(unit.records) for unit in self.units)


def make_plan(indices: Sequence[SourceIndex], settings: ConvertSettings) -> Plan:
    """Plan the conversion of sources, given their indices in the order of the sources.

    Raises SettingsError where the settings ask for more scenarios than there are, or for others.
    """
    records, duplicates = _first_of_each([record for index in indices for record in index.records])
    drives = dict(zip((record.scenario_id for record in records), group_drives(records), strict=True))
    drivable = [record for record in records if _drivable(record)]
    if any(getattr(settings.split, f"named_{name}") for name in SPLITS):
        splits = named_splits(drives, settings.split)
    else:
        of_drives = split_drives([drives[record.scenario_id] for record in drivable], settings.split)
        splits = {scenario: of_drives[drive] for scenario, drive in drives.items() if drive in of_drives}
    planned = [record for record in drivable if record.scenario_id in splits]
    return Plan(
        software=software(),
        settings_digest=digest(settings),
        sources=tuple(_source(index) for index in indices),
        units=tuple(
            Unit(
                name=f"{split}-{number:05d}",
                split=split,
                records=tuple(_planned(record, drives[record.scenario_id]) for record in chunk),
            )
            for split in SPLITS
            for number, chunk in enumerate(_chunks([r for r in planned if splits[r.scenario_id] == split], settings))
        ),
        rejected=tuple(row for record in records for row in _rejections(record)),
        damaged=tuple(row for index in indices for row in index.damaged),
        duplicates=duplicates,
        scenarios=len(records),
        unplanned_scenarios=len(drivable) - len(planned),
        unplanned_egos=sum(record.candidates.passed_over for record in records)
        + sum(len(_drivable(record)) for record in drivable if record.scenario_id not in splits),
    )


def plan_bytes(plan: Plan) -> bytes:
    """The bytes of plan.json: what is set aside is in files of its own, and follows from the sources."""
    return plan.model_dump_json(exclude={"rejected", "damaged", "duplicates"}).encode() + b"\n"


def _source(index: SourceIndex) -> PlannedSource:
    found = [(record.offset, record.length, record.crc) for record in index.records]
    found += [(damage.offset, damage.length, 0) for damage in index.damaged]
    crc = google_crc32c.value(repr(found).encode())
    return PlannedSource(name=index.source, size=index.size, records=len(index.records), crc=crc)


def _first_of_each(records: Sequence[IndexedRecord]) -> tuple[list[IndexedRecord], tuple[Duplicate, ...]]:
    first: dict[str, IndexedRecord] = {}
    duplicates = []
    for record in records:
        kept = first.setdefault(record.scenario_id, record)
        if kept is not record:
            duplicates.append(
                Duplicate(
                    scenario=record.scenario_id,
                    source=record.source,
                    offset=record.offset,
                    first=f"{kept.source} at byte {kept.offset}",
                )
            )
    return list(first.values()), tuple(duplicates)


def _drivable(record: IndexedRecord) -> list[Candidate]:
    return [ego for ego in record.candidates.egos if ego.rejection is None]


def _rejections(record: IndexedRecord) -> list[Rejected]:
    if not record.candidates.egos:
        nobody = Rejection("too_short", 0.0, None, "the record names no ego")
        return [rejected(nobody, record, "")]
    return [rejected(ego.rejection, record, ego.ego_id) for ego in record.candidates.egos if ego.rejection is not None]


def _chunks(records: Sequence[IndexedRecord], settings: ConvertSettings) -> list[list[IndexedRecord]]:
    """Units of equal size, in the order of the ids' hash: neighbours in a file land in different shards."""
    order = sorted(records, key=lambda record: (hashed(record.scenario_id, settings.split.key), record.scenario_id))
    return [order[start : start + settings.unit] for start in range(0, len(order), settings.unit)]


def _planned(record: IndexedRecord, drive: str) -> PlannedRecord:
    return PlannedRecord(
        scenario_id=record.scenario_id,
        source=record.source,
        offset=record.offset,
        crc=record.crc,
        drive=drive,
        egos=tuple(PlannedEgo(ego_id=ego.ego_id, first=ego.first, last=ego.last) for ego in _drivable(record)),
    )
