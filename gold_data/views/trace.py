"""Any row of a dataset, back to what it was made from: record, file, settings, software; and whether that is there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import google_crc32c

from gold_data.errors import DatasetError, RecordError, SourceError
from gold_data.shards import Dataset, Shard
from gold_data.sources import Source, find_sources
from gold_data.sources.called import sources_called
from gold_data.sources.outline import Outlined
from gold_data.sources.read import outlines
from gold_data.views.small_files import read_object
from gold_data.womd import MalformedRecord, read_record
from gold_data.womd.identity import scenario_id_of

LINEAGE = ("scenario_id", "ego_id", "source", "offset", "crc", "drive", "episode_start", "observation_start")
OF_A_STEP = ("rewards", "costs", "returns_to_go", "costs_to_go", "actions")

Fate = Literal["unchanged", "changed", "not there"]


@dataclass(frozen=True)
class Record:
    """What became of a record: where its file is now, if it was found, and why it is taken for changed, if it is."""

    fate: Fate
    location: str | None
    reason: str


@dataclass(frozen=True)
class Trace:
    """Where an episode, or one of its steps, comes from, and where it stands.

    `row` is the episode's in its shard; `first_step` and `first_observation` are the rows at which it begins there, and
    `frame` is the step of the ego's run in the record at which it begins; `software` are versions by name. Of a step:
    `step_row`, `observation_row` and `values`, those of the columns with a row a step.
    """

    dataset: str
    manifest_digest: str
    settings_digest: str
    gold_data_version: str
    engine: str
    python_version: str | None
    software: dict[str, str]
    episode: int
    split: str
    shard: str
    row: int
    first_step: int
    first_observation: int
    length: int
    scenario: str
    ego: str
    demonstration: int
    frame: int
    drive: str
    source: str
    offset: int
    crc: int
    record: Record
    step: int | None = None
    step_row: int | None = None
    observation_row: int | None = None
    values: dict[str, Any] | None = None


def trace(dataset: Dataset, episode: int, step: int | None = None, sources: Sequence[str] = ()) -> Trace:
    """Say where an episode (by number, from 0) comes from; its record is read again and compared.

    It is looked for in `sources` (files, folders, patterns, URLs), or where run.json says that the sources were. Raises
    DatasetError for a number that there is not, and for a dataset that does not say where its episodes come from.
    """
    shard, row = _place(dataset, episode)
    held = {file.path.split("/")[0] for file in shard.files}
    if not held.issuperset(LINEAGE):
        raise DatasetError(f"{dataset.root}: its episodes were not made from records; there is nothing to trace")
    columns = dataset.read(shard, [*LINEAGE, *sorted(held & {"demonstration", "start"})])
    first, behind = (int(one) for one in columns["episode_start"][row : row + 2])
    first_observation = int(columns["observation_start"][row])
    if step is not None and not 0 <= step < behind - first:
        raise DatasetError(
            f"{dataset.root}: episode {episode} has {behind - first} steps and no step {step}; count from 0"
        )
    scenario, source = str(columns["scenario_id"][row]), str(columns["source"][row])
    offset, crc = int(columns["offset"][row]), int(columns["crc"][row])
    run = read_object(dataset.root / "run.json")
    return Trace(
        dataset=str(dataset.root),
        manifest_digest=dataset.digest,
        settings_digest=dataset.manifest.settings_digest,
        gold_data_version=dataset.manifest.gold_data_version,
        engine=dataset.manifest.engine,
        python_version=run.get("python"),
        software=read_object(dataset.root / "plan.json").get("software", {}),
        episode=episode,
        split=shard.split,
        shard=shard.name,
        row=row,
        first_step=first,
        first_observation=first_observation,
        length=behind - first,
        scenario=scenario,
        ego=str(columns["ego_id"][row]),
        demonstration=int(columns["demonstration"][row]) if "demonstration" in columns else 0,
        frame=int(columns["start"][row]) if "start" in columns else 0,
        drive=str(columns["drive"][row]),
        source=source,
        offset=offset,
        crc=crc,
        record=_record(sources or run.get("sources", ()), bool(sources), source, offset, crc, scenario),
        step=step,
        step_row=None if step is None else first + step,
        observation_row=None if step is None else first_observation + step,
        values=None if step is None else _values(dataset, shard, first + step),
    )


def trace_json(found: Trace) -> str:
    """The same as JSON text, for scripts."""
    return json.dumps(asdict(found), indent=1)


def trace_lines(found: Trace) -> list[str]:
    """The same in lines of text."""
    drive = "along the record" if not found.demonstration else f"disturbed drive {found.demonstration}"
    lines = [
        f"episode    {found.episode}: scenario {found.scenario}, ego {found.ego}, {drive}, from step {found.frame} of "
        f"its run on, {found.length} steps",
        f"stands     in shards/{found.shard} ({found.split}), row {found.row}: steps from row {found.first_step} on, "
        f"observations from row {found.first_observation} on",
        f"record     {found.source} at byte {found.offset}, CRC-32C {found.crc:08x}",
        f"drive      {found.drive}",
        f"made by    gold-data {found.gold_data_version}, engine {found.engine}"
        + (f", Python {found.python_version}" if found.python_version else "")
        + "".join(f", {name} {version}" for name, version in sorted(found.software.items())),
        f"settings   {found.settings_digest}",
        f"manifest   {found.manifest_digest}",
    ]
    if found.step is not None:
        values = ", ".join(f"{name} {value}" for name, value in (found.values or {}).items())
        lines.append(
            f"step       {found.step}: row {found.step_row}, observation row {found.observation_row}; {values}"
        )
    record = found.record
    said = {
        "unchanged": f"the record is there and unchanged: {record.location}",
        "changed": f"the record is changed: {record.location}: {record.reason}",
        "not there": f"the record is not there: {record.reason}",
    }
    return [*lines, f"now        {said[record.fate]}"]


def _place(dataset: Dataset, episode: int) -> tuple[Shard, int]:
    rest = episode
    for shard in dataset.manifest.shards:
        if 0 <= rest < shard.episodes:
            return shard, rest
        rest -= shard.episodes
    count = dataset.manifest.counts.episodes
    raise DatasetError(f"{dataset.root}: has {count} episodes and no episode {episode}; count from 0")


def _values(dataset: Dataset, shard: Shard, row: int) -> dict[str, Any]:
    columns = dataset.read(shard, OF_A_STEP)
    return {name: columns[name][row].tolist() for name in OF_A_STEP}


def _record(named: Sequence[str], given: bool, name: str, offset: int, crc: int, scenario: str) -> Record:
    if not named:
        return Record("not there", None, "run.json does not say where the sources were; give --source")
    try:
        called = sources_called(name, find_sources([str(one) for one in named]))
    except SourceError as error:
        if given:
            raise
        return Record("not there", None, str(error))
    if not called:
        return Record("not there", None, f"{', '.join(map(str, named))}: holds no file {name}")
    reasons = [_difference(source, offset, crc, scenario) for source in called]
    same = next((source for source, reason in zip(called, reasons, strict=True) if not reason), None)
    if same is not None:
        return Record("unchanged", same.location, "")
    return Record("changed", called[0].location, reasons[0])


def _difference(source: Source, offset: int, crc: int, scenario: str) -> str:
    """What of the record that stands at a byte of a file is another than it was, or "" where nothing is."""
    try:
        found_crc, found_scenario = _whole_pickle(source) if source.kind == "scenarionet" else _one(source, offset)
    except (RecordError, MalformedRecord) as error:
        return str(error)
    if found_crc != crc:
        return f"its CRC-32C is {found_crc:08x} and was {crc:08x}"
    return "" if found_scenario == scenario else f"it is scenario {found_scenario} and was {scenario}"


def _one(source: Source, offset: int) -> tuple[int, str]:
    with source.open() as file:
        data = read_record(file, offset, source.name)
    return google_crc32c.value(data), scenario_id_of(data)


def _whole_pickle(source: Source) -> tuple[int, str]:
    for found in outlines(source):
        if isinstance(found, Outlined):
            return found.crc, found.outline.scenario_id
        raise RecordError(source.name, 0, found.reason)
    raise RecordError(source.name, 0, "it holds nothing")
