"""One unit: its records read, described, driven, judged, and written as one shard."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from gold_data.conversion.engine_check import compare, is_checked
from gold_data.conversion.lock import held
from gold_data.conversion.refusals import how_it_failed
from gold_data.conversion.rows import EpisodeCheck, PlannedRecord, Rejected, Unit, UnitRow, rejected
from gold_data.errors import SceneError, SimulatorError
from gold_data.replay import ContactOnLog, DriveJob, Isolated, Rollout, Tracked, drive_job
from gold_data.scenarionet import Description, DescriptionError, cut_frames, write_unit
from gold_data.settings import ConvertSettings
from gold_data.shards import FileRow, write_shard
from gold_data.shards.folder import is_partial, whole_folder, write_whole_file
from gold_data.sources import Source, read_description
from gold_data.trajectories.acceptance import Rejection, judge_demonstration, judge_drive, judge_log
from gold_data.trajectories.demonstrations import draw_disturbances
from gold_data.trajectories.trajectory import Lineage, Trajectory

Simulator = Isolated[DriveJob, Tracked | ContactOnLog]

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


@dataclass(frozen=True)
class _Driven:
    """What a scenario came to: its description where it is to be written, its episodes, and why the others are none."""

    description: Description
    episodes: list[Trajectory]
    rejected: list[Rejected]
    checks: list[EpisodeCheck]


def convert_unit(task: Task, on_scenario: Callable[[str], None] = lambda rule: None) -> UnitRow:
    """Convert one unit; its row is written last and says that it is done.

    Two attempts at a unit never work side by side: a worker that was given up may still be at it, and the second one
    waits for what comes of that. `on_scenario` is told "kept", or the rule of the rejection, as each scenario is done.
    Raises RecordError where a source was changed since it was indexed, OutputError where the shard cannot be written.
    """
    with held(task.out / ROWS / f"{task.unit.name}.lock", wait=True):
        row = finished_row(task.out, task.unit)
        if row is not None:
            return row
        _remove_leftovers(task)
        with Isolated(drive_job, task.time_limit) as simulator:
            return _convert(task, simulator, on_scenario)


def finished_row(out: Path, unit: Unit) -> UnitRow | None:
    """The row of a unit that is done; None where it is not, or where a file has another size than its row says."""
    try:
        row = UnitRow.model_validate_json((out / ROWS / f"{unit.name}.json").read_bytes())
        of_shard = [] if row.shard is None else [(f"shards/{row.shard.name}/{f.path}", f.size) for f in row.shard.files]
        sizes = [*of_shard, *((file.path, file.size) for file in row.scenario_files)]
        whole = all((out / path).stat().st_size == size for path, size in sizes)
    except (OSError, ValidationError):
        return None
    return row if whole else None


def _remove_leftovers(task: Task) -> None:
    """Clear what an attempt has left that was killed before it wrote its row."""
    name, shards, database = task.unit.name, task.out / "shards", task.out / "scenarios"
    unfinished = [path for folder in (shards, database) for path in folder.glob(f".{name}.*") if is_partial(path)]
    for place in (shards / f"{name}.zarr", database / name, *unfinished):
        shutil.rmtree(place, ignore_errors=True)


def _convert(task: Task, simulator: Simulator, on_scenario: Callable[[str], None]) -> UnitRow:
    unit, out = task.unit, task.out
    scenarios: list[_Driven] = []
    for record in unit.records:
        driven = _scenario(record, task, simulator)
        scenarios.append(driven)
        on_scenario("kept" if driven.episodes else driven.rejected[0].rule)
    kept = [driven for driven in scenarios if driven.episodes]
    trajectories = [trajectory for driven in kept for trajectory in driven.episodes]
    shard = write_shard(out / "shards" / f"{unit.name}.zarr", trajectories) if trajectories else None
    written: tuple[FileRow, ...] = ()
    if task.settings.scenarios and kept:
        with whole_folder(out / "scenarios" / unit.name) as folder:
            write_unit(folder, (driven.description for driven in kept))
            written = tuple(
                FileRow.of(f"scenarios/{unit.name}/{file.name}", file.read_bytes()) for file in sorted(folder.iterdir())
            )
    row = UnitRow(
        name=unit.name,
        split=unit.split,
        planned=len(unit.records),
        kept=len(kept),
        egos=sum(trajectory.demonstration == 0 for trajectory in trajectories),
        shard=shard,
        scenario_files=written,
        rejected=tuple(row for driven in scenarios for row in driven.rejected),
        checks=tuple(check for driven in scenarios for check in driven.checks),
    )
    write_whole_file(out / ROWS / f"{unit.name}.json", row.model_dump_json().encode())
    return row


def _scenario(record: PlannedRecord, task: Task, simulator: Simulator) -> _Driven:
    """One scenario's egos, each driven along its record and, where demonstrations are asked for, off it."""
    episodes: list[Trajectory] = []
    reasons: list[Rejected] = []
    checks: list[EpisodeCheck] = []
    try:
        description = read_description(task.sources[record.source], record.offset, record.crc)
    except DescriptionError as error:
        wrong = Rejection("not_describable", None, None, str(error))
        rows = [rejected(wrong, record, ego.ego_id) for ego in record.egos]
        return _Driven({}, [], rows, [])
    lineage = Lineage(record.source, record.offset, record.crc, record.drive)
    for ego in record.egos:
        own = cut_frames(description, ego.first, ego.last)
        disturbances = draw_disturbances(own, ego.ego_id, task.settings.demonstrations)
        for number, disturbance in enumerate((None, *disturbances)):
            job = DriveJob(own, ego.ego_id, task.settings, disturbance)
            result = _driven(job, simulator)
            if isinstance(result, Rollout):
                if task.settings.engine == "batched":
                    name = record.scenario_id, ego.ego_id, number
                    if is_checked(*name, task.settings.check):
                        checks.append(compare(*name, result, _in_metadrive(job, simulator)))
                episodes.append(
                    Trajectory(
                        **vars(result),
                        scenario_id=record.scenario_id,
                        ego_id=ego.ego_id,
                        demonstration=number,
                        lineage=lineage,
                    )
                )
                continue
            reasons.append(rejected(result, record, ego.ego_id, number))
            if disturbance is None:
                break  # an ego whose clean drive is not kept has nothing to demonstrate
    return _Driven(description if task.settings.scenarios else {}, episodes, reasons, checks)


def _in_metadrive(job: DriveJob, simulator: Simulator) -> Rollout | None:
    """The same drive in MetaDrive; None where it fails there."""
    reference = replace(job, settings=job.settings.model_copy(update={"engine": "metadrive"}))
    try:
        driven = simulator(reference)
    except SimulatorError as error:
        how_it_failed(error, job.description["id"], job.ego_id)
        return None
    return driven.rollout if isinstance(driven, Tracked) else None


def _driven(job: DriveJob, simulator: Simulator) -> Rollout | Rejection:
    try:
        # Only MetaDrive crashes and hangs: it is what the child is for.
        driven = drive_job(job, lambda step: None) if job.settings.engine == "batched" else simulator(job)
    except SceneError as error:
        return Rejection("simulator_error", None, None, str(error))
    except SimulatorError as error:
        refused = error.kind == SceneError.__name__  # in the child, in words that are ours
        said = error.detail if refused else how_it_failed(error, job.description["id"], job.ego_id)
        return Rejection("simulator_error", None, None, said)
    if isinstance(driven, ContactOnLog):
        return judge_log(driven.log)
    judge = judge_drive if job.disturbance is None else judge_demonstration
    return judge(driven.rollout, job.settings.acceptance) or driven.rollout
