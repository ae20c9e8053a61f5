"""Is a dataset what its plan says? Lineage, split and the lists of what was set aside, held against plan.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from gold_data.conversion.plan import Plan
from gold_data.conversion.rows import Damaged, Duplicate, PlannedRecord, Rejected
from gold_data.errors import DatasetError
from gold_data.shards import Dataset, Shard
from gold_data.shards.difference import Difference

PLAN = "plan.json"

Row = TypeVar("Row", bound=BaseModel)


def read_plan(root: Path) -> Plan | None:
    """The plan of a converted dataset, with the lists that are files of their own; None of a dataset of another origin.

    Raises DatasetError where a file of it cannot be read or holds something else.
    """
    path = root / PLAN
    if not path.exists():
        return None
    stored = _parsed(path, path.read_bytes(), _StoredPlan)
    return stored.model_copy(
        update={
            "rejected": _rows(root / "rejected.jsonl", Rejected),
            "damaged": _rows(root / "damaged.jsonl", Damaged),
            "duplicates": _rows(root / "duplicates.jsonl", Duplicate),
        }
    )


class _StoredPlan(Plan):
    """A plan as plan.json has it."""

    rejected: tuple[Rejected, ...] = ()
    damaged: tuple[Damaged, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()


def check_plan(dataset: Dataset, plan: Plan) -> Iterator[Difference]:
    """Yield whatever in the shards, or in the manifest's counts, is not as planned; `plan` is what `read_plan` gave.

    `rejected` are all rejections of the dataset: those of the index and those after a drive. Only the shards' small
    columns are read.
    """
    if plan.settings_digest != dataset.manifest.settings_digest:
        yield Difference(f"{PLAN}: settings_digest", plan.settings_digest, dataset.manifest.settings_digest)
    yield from _split(plan)
    shards = {shard.name: shard for shard in dataset.manifest.shards}
    kept: set[tuple[str, str]] = set()
    for unit in plan.units:
        shard = shards.pop(f"{unit.name}.zarr", None)
        if shard is not None:
            if shard.split != unit.split:
                yield Difference(f"manifest.json: split of {shard.name}", shard.split, unit.split)
            yield from _lineage(dataset, shard, {record.scenario_id: record for record in unit.records}, kept)
    for name in shards:
        yield Difference(f"shards/{name}", "there", f"a unit of {PLAN}")
    yield from _fates(plan, kept)
    yield from _counts(dataset, plan)


def _split(plan: Plan) -> Iterator[Difference]:
    first: dict[str, tuple[str, str]] = {}
    for unit in plan.units:
        for record in unit.records:
            scenario, split = first.setdefault(record.drive, (record.scenario_id, unit.split))
            if split != unit.split:
                yield Difference(
                    f"{PLAN}: {record.scenario_id} of drive {record.drive}", unit.split, f"{split}, as {scenario}"
                )


def _lineage(
    dataset: Dataset, shard: Shard, records: dict[str, PlannedRecord], kept: set[tuple[str, str]]
) -> Iterator[Difference]:
    """Hold each episode's scenario, ego and place against the unit's records."""
    names = ("scenario_id", "ego_id", "demonstration", "source", "offset", "crc", "drive")
    columns = dataset.read(shard, names)
    for row, (scenario, ego, number, *place) in enumerate(
        zip(*(columns[name].tolist() for name in names), strict=True)
    ):
        where = f"shards/{shard.name}: episode {row}"
        record = records.get(scenario)
        if record is None:
            yield Difference(where, f"scenario {scenario}", f"one of the unit's in {PLAN}")
            continue
        if all(ego != planned.ego_id for planned in record.egos):
            yield Difference(where, f"ego {ego}", f"one of {scenario}'s in {PLAN}")
        due = (record.source, record.offset, record.crc, record.drive)
        for name, stored, planned in zip(names[3:], place, due, strict=True):
            if stored != planned:
                yield Difference(f"{where}: {name}", str(stored), str(planned))
        if number == 0:
            kept.add((scenario, ego))


def _fates(plan: Plan, kept: set[tuple[str, str]]) -> Iterator[Difference]:
    """Each planned ego is an episode or has one row in rejected.jsonl, never both and never neither."""
    refused = Counter((row.scenario, row.ego) for row in plan.rejected if not row.demonstration)
    for unit in plan.units:
        for record in unit.records:
            for ego in record.egos:
                name = record.scenario_id, ego.ego_id
                times = refused[name] + (name in kept)
                if times != 1:
                    what = f"{refused[name]} rejections and {int(name in kept)} episodes"
                    yield Difference(f"rejected.jsonl: {record.scenario_id}/{ego.ego_id}", what, "one of either")


def _counts(dataset: Dataset, plan: Plan) -> Iterator[Difference]:
    counts = dataset.manifest.counts
    planned = Counter({name: 0 for name in dataset.manifest.splits})
    for unit in plan.units:
        planned[unit.split] += len(unit.records)
    said = [
        ("records.scenarios", counts.records.scenarios, plan.scenarios),
        ("records.damaged", counts.records.damaged, len(plan.damaged)),
        ("records.duplicate", counts.records.duplicate, len(plan.duplicates)),
        ("scenarios.unplanned", counts.scenarios.unplanned, plan.unplanned_scenarios),
        ("egos.unplanned", counts.egos.unplanned, plan.unplanned_egos),
        ("egos.rejected", counts.egos.rejected, sum(bool(r.ego) and not r.demonstration for r in plan.rejected)),
        ("demonstrations.rejected", counts.demonstrations.rejected, sum(r.demonstration > 0 for r in plan.rejected)),
    ]
    for name, stored, due in said:
        if stored != due:
            yield Difference(f"manifest.json: counts.{name}", str(stored), str(due))
    for name, split in dataset.manifest.splits.items():
        if split.planned != planned[name]:
            yield Difference(f"manifest.json: splits.{name}.planned", str(split.planned), str(planned[name]))


def _rows(path: Path, kind: type[Row]) -> tuple[Row, ...]:
    if not path.exists():
        return ()
    return tuple(_parsed(path, line, kind) for line in path.read_bytes().splitlines())


def _parsed(path: Path, content: bytes, kind: type[Row]) -> Row:
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise DatasetError(
            f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}; fetch or convert the dataset again"
        ) from error
