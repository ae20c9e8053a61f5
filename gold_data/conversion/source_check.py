"""Are the records that a dataset was made from still there and the same, and is no drive of theirs in two splits?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gold_data.conversion.drives import group_drives
from gold_data.conversion.index import IndexedRecord, index_source
from gold_data.conversion.plan import Plan
from gold_data.settings import ConvertSettings
from gold_data.shards.difference import Difference
from gold_data.sources import Source
from gold_data.sources.called import sources_called


def check_sources(
    plan: Plan, sources: Sequence[Source], settings: ConvertSettings, on_source: Callable[[str], None]
) -> Iterator[Difference]:
    """Index the plan's sources anew; yield each planned record that is not what it was, and each drive that is split.

    `on_source` is told of each file that was looked for. Raises SourceError where a file that is there cannot be read.
    """
    called = {planned.name: sources_called(planned.name, sources) for planned in plan.sources}
    found = {name: same[0] for name, same in called.items() if same}
    records: dict[tuple[str, int], IndexedRecord] = {}
    for planned in plan.sources:
        if planned.name not in found:
            yield Difference(f"source {planned.name}", "not found", f"a file of {planned.size} bytes")
        else:
            index = index_source(found[planned.name], settings)
            if index.size != planned.size:
                yield Difference(f"source {planned.name}", f"{index.size} bytes", f"{planned.size} bytes")
            records |= {(planned.name, record.offset): record for record in index.records}
        on_source(planned.name)
    split_of: dict[str, str] = {}
    drive_of: dict[str, str] = {}
    for unit in plan.units:
        for one in unit.records:
            split_of[one.scenario_id], drive_of[one.scenario_id] = unit.split, one.drive
            record = records.get((one.source, one.offset))
            if one.source not in found:
                continue
            place = f"{one.source} at byte {one.offset}"
            if record is None:
                yield Difference(place, "no whole record", f"scenario {one.scenario_id}")
            elif record.scenario_id != one.scenario_id:
                yield Difference(place, f"scenario {record.scenario_id}", f"scenario {one.scenario_id}")
            elif record.crc != one.crc:
                yield Difference(f"{place}: CRC-32C", f"{record.crc:08x}", f"{one.crc:08x}")
    first = {record.scenario_id: record for record in reversed(records.values())}  # as the plan takes duplicates
    yield from _drives(list(reversed(first.values())), split_of, drive_of, len(found) == len(plan.sources))


def _drives(
    records: Sequence[IndexedRecord], split_of: dict[str, str], drive_of: dict[str, str], complete: bool
) -> Iterator[Difference]:
    """A drive's name is compared only where all records are there: another might join or name it."""
    met: dict[str, str] = {}
    for record, drive in zip(records, group_drives(records), strict=True):
        scenario = record.scenario_id
        if scenario not in split_of:
            continue
        other = met.setdefault(drive, scenario)
        if split_of[other] != split_of[scenario]:
            yield Difference(
                f"plan.json: {scenario}, cut from one drive with {other}", split_of[scenario], split_of[other]
            )
        if complete and drive_of[scenario] != drive:
            yield Difference(f"plan.json: drive of {scenario}", drive_of[scenario], drive)
