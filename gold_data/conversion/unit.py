"""One unit: its records read, described, driven, judged, and written as one shard."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import google_crc32c

from gold_data.conversion.rows import PlannedEgo, PlannedRecord, Rejected, Unit, UnitRow, rejected
from gold_data.errors import RecordError, SimulatorError
from gold_data.replay import ContactOnLog, DriveJob, Isolated, Rollout, Tracked, drive_job
from gold_data.scenarionet import Description, DescriptionError, cut_frames, describe, write_unit
from gold_data.settings import ConvertSettings
from gold_data.shards import FileRow, write_shard
from gold_data.shards.folder import is_partial, whole_folder, write_whole_file
from gold_data.sources import Source
from gold_data.trajectories.acceptance import Rejection, judge_drive, judge_log
from gold_data.trajectories.trajectory import Lineage, Trajectory
from gold_data.womd import decode, read_record

Simulator = Isolated[DriveJob, Tracked | ContactOnLog]

_log = logging.getLogger(__name__)

ROWS = ".units"
"""Where the rows of finished units lie until the manifest is written."""


@dataclass(frozen=True)
class Task:
    """A unit with all that a worker needs to convert it: where its sources are, and where the dataset is to be."""

    unit: Unit
    sources: Mapping[str, Source]
    settings: ConvertSettings
    out: Path
    time_limit: float  # seconds a scenario may take in the simulator


def convert_unit(task: Task, on_scenario: Callable[[str], None] = lambda rule: None) -> UnitRow:
    """Convert one unit; its row is written last and says that it is done.

    `on_scenario` is told "kept", or the rule of the rejection, as each scenario is done. Raises RecordError where a
    source was changed since it was indexed, OutputError where the shard cannot be written.
    """
    _remove_leftovers(task)
    with Isolated(drive_job, task.time_limit) as simulator:
        return _convert(task, simulator, on_scenario)


def _remove_leftovers(task: Task) -> None:
    """Clear what an attempt has left that was killed before it wrote its row."""
    name, shards, database = task.unit.name, task.out / "shards", task.out / "scenarios"
    unfinished = [path for folder in (shards, database) for path in folder.glob(f".{name}.*") if is_partial(path)]
    for place in (shards / f"{name}.zarr", database / name, *unfinished):
        shutil.rmtree(place, ignore_errors=True)


def _convert(task: Task, simulator: Simulator, on_scenario: Callable[[str], None]) -> UnitRow:
    unit, out = task.unit, task.out
    rows: list[Rejected] = []
    kept: list[tuple[Description, list[Trajectory]]] = []
    for record in unit.records:
        description, driven, reasons = _scenario(record, task, simulator)
        rows += reasons
        if driven:
            kept.append((description if task.settings.scenarios else {}, driven))
        on_scenario(reasons[0].rule if not driven else "kept")
    trajectories = [trajectory for _, driven in kept for trajectory in driven]
    shard = write_shard(out / "shards" / f"{unit.name}.zarr", trajectories) if trajectories else None
    written: tuple[FileRow, ...] = ()
    if task.settings.scenarios and kept:
        with whole_folder(out / "scenarios" / unit.name) as folder:
            write_unit(folder, (description for description, _ in kept))
            written = tuple(
                FileRow.of(f"scenarios/{unit.name}/{file.name}", file.read_bytes()) for file in sorted(folder.iterdir())
            )
    row = UnitRow(
        name=unit.name,
        split=unit.split,
        planned=len(unit.records),
        kept=len(kept),
        shard=shard,
        scenario_files=written,
        rejected=tuple(rows),
    )
    write_whole_file(out / ROWS / f"{unit.name}.json", row.model_dump_json().encode())
    return row


def _scenario(
    record: PlannedRecord, task: Task, simulator: Simulator
) -> tuple[Description, list[Trajectory], list[Rejected]]:
    """One scenario's description, its episodes, and a row for each ego that did not become one."""
    episodes, reasons = [], []
    try:
        description = _described(record, task.sources[record.source])
    except DescriptionError as error:
        wrong = Rejection("not_describable", None, None, str(error))
        rows = [rejected(wrong, record.scenario_id, ego.ego_id, record.source, record.offset) for ego in record.egos]
        return {}, [], rows
    for ego in record.egos:
        result = _driven(description, ego, task.settings, simulator)
        if isinstance(result, Rejection):
            reasons.append(rejected(result, record.scenario_id, ego.ego_id, record.source, record.offset))
        else:
            lineage = Lineage(record.source, record.offset, record.crc, record.drive)
            episodes.append(
                Trajectory(**vars(result), scenario_id=record.scenario_id, ego_id=ego.ego_id, lineage=lineage)
            )
    return description, episodes, reasons


def _described(record: PlannedRecord, source: Source) -> Description:
    with source.open() as file:
        data = read_record(file, record.offset, source.name)
    if google_crc32c.value(data) != record.crc:
        raise RecordError(source.name, record.offset, "the file was changed while it was converted; convert it anew")
    return describe(decode(data), record.source)


def _driven(
    description: Description, ego: PlannedEgo, settings: ConvertSettings, simulator: Simulator
) -> Rollout | Rejection:
    try:
        driven = simulator(DriveJob(cut_frames(description, ego.first, ego.last), ego.ego_id, settings))
    except SimulatorError as error:
        # The simulator's own words may hold addresses and paths: they go to the log, the row says what kind it was.
        where = "before the first step" if error.step is None else f"at step {error.step}"
        _log.warning("%s, ego %s: %s %s: %s", description["id"], ego.ego_id, error.kind, where, error.detail)
        return Rejection("simulator_error", None, None, f"{error.kind} {where}")
    if isinstance(driven, ContactOnLog):
        return judge_log(driven.log)
    return judge_drive(driven.rollout, settings.acceptance) or driven.rollout
