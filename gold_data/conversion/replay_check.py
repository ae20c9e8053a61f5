"""Is MetaDrive's log replay the record? Every object of every scenario, at each of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from gold_data.conversion.checking import failure, in_order, indexing, opened, plan_of_records
from gold_data.conversion.progress import tally
from gold_data.conversion.refusals import check_time_limit
from gold_data.conversion.replay_plan import Asked, ReplayPlan, plan_for_dataset
from gold_data.conversion.replay_rows import FAILED, UNUSABLE, ReplayRow, ReplaySummary
from gold_data.conversion.run import Runner, cores, runner
from gold_data.errors import RecordError, SettingsError, SimulatorError
from gold_data.replay.fidelity import Fidelity
from gold_data.replay.isolation import Isolated
from gold_data.replay.log_replay import ReplayJob, check_replay, rounding
from gold_data.replay.machine import check_machine
from gold_data.scenarionet import Description, DescriptionError, cut_frames
from gold_data.settings import SimulatorSettings
from gold_data.shards import open_dataset
from gold_data.sources import read_description
from gold_data.trajectories.acceptance import longest_run
from gold_data.womd import MalformedRecord

REPLAYS = 8
"""Replays a task: few, so that the last task keeps nobody waiting for long."""

Simulator = Isolated[ReplayJob, Fidelity]


@dataclass(frozen=True)
class ReplayTask:
    """Some replays with all that a worker needs for them."""

    asked: tuple[Asked, ...]
    time_limit: float  # seconds a replay may take


def replay_check(
    paths: Sequence[str],
    *,
    to: Path | None = None,
    sources: Sequence[str] = (),
    workers: int | None = None,
    time_limit: float = 300.0,
    console: Console | None = None,
) -> ReplaySummary:
    """Replay records in MetaDrive and hold each object that it spawns against its record.

    `paths` is a dataset's folder, whose episodes' records are then looked for (in `sources`, where they are given), or
    the files, folders, globs and URLs of any records. One JSON object a replay goes to the file `to`, line by line, in
    the plan's order. `workers` processes do the work (as many as there are cores; 0: this process); a replay may take
    `time_limit` seconds. Only the summary stays in memory.

    Raises SourceError, DatasetError, SettingsError, OutputError or MachineError.
    """
    check_time_limit(time_limit)
    check_machine()
    console = console or Console(stderr=True)
    workers = cores() if workers is None else workers
    summary = ReplaySummary()
    with ExitStack() as stack:
        running = stack.enter_context(runner(workers, None))
        plan = _plan(paths, sources, running, console)
        file = None if to is None else stack.enter_context(opened(to))
        for row in _rows(plan, running, time_limit, console):
            summary.add(row)
            if file is not None:
                file.write(row.model_dump_json() + "\n")
                file.flush()
    return summary


def _plan(paths: Sequence[str], sources: Sequence[str], running: Runner, console: Console) -> ReplayPlan:
    folders = [path for path in paths if (Path(path) / "manifest.json").is_file()]
    if not folders:
        if sources:
            raise SettingsError("--source says where the records of a dataset are; name the dataset too.")
        return plan_of_records(paths, indexing(running, console))
    if len(paths) > 1:
        raise SettingsError(f"{folders[0]} is a dataset; check one alone, or name sources only.")
    return plan_for_dataset(open_dataset(folders[0]), sources, indexing(running, console))


def _rows(plan: ReplayPlan, running: Runner, time_limit: float, console: Console) -> Iterator[ReplayRow]:
    """All rows in the plan's order, what there is nothing to replay of first."""
    for kind, unusable in (("damaged", plan.damaged), ("no_record", plan.missing)):
        for one in unusable:
            error = f"{kind}: {one.reason}"
            yield ReplayRow(outcome=UNUSABLE, scenario="", source=one.source, offset=one.offset, error=error)
    tasks = [
        ReplayTask(plan.asked[first : first + REPLAYS], time_limit) for first in range(0, len(plan.asked), REPLAYS)
    ]
    with tally("Replaying", len(plan.asked), "scenarios", console) as progress:
        yield from in_order(running, check_replays, tasks, progress.add)


def check_replays(task: ReplayTask, on_replay: Callable[[str], None]) -> tuple[ReplayRow, ...]:
    """Check the replays of a task; `on_replay` is told what came of each."""
    rows = []
    with Isolated(check_replay, task.time_limit) as simulator:
        for asked in task.asked:
            rows.append(_checked(asked, simulator))
            on_replay(rows[-1].outcome)
    return tuple(rows)


def _checked(asked: Asked, simulator: Simulator) -> ReplayRow:
    place = asked.place
    where: dict[str, Any] = {"scenario": place.scenario_id, "source": place.source.name, "offset": place.offset}
    try:
        description = read_description(place.source, place.offset, place.crc)
        ego_id, first, last = _ego(description, asked.ego_id)
    except (RecordError, MalformedRecord, DescriptionError) as error:
        return ReplayRow(outcome=UNUSABLE, error=f"not_describable: {error}", ego=asked.ego_id or "", **where)
    try:
        fidelity = simulator(ReplayJob(cut_frames(description, first, last), ego_id, SimulatorSettings()))
    except SimulatorError as error:
        said = failure(error, place.scenario_id, ego_id)
        return ReplayRow(outcome=FAILED, error=said, ego=ego_id, first=first, **where)
    return ReplayRow.of(fidelity, rounding(description), ego=ego_id, first=first, **where)


def _ego(description: Description, asked: str | None) -> tuple[str, int, int]:
    """The ego and its frames: the record's own car all along, or an episode's over its longest valid run."""
    if asked is None:
        return str(description["metadata"]["sdc_id"]), 0, description["length"]
    if asked not in description["tracks"]:
        raise DescriptionError(f"it has no track {asked}")
    run = longest_run(description["tracks"][asked]["state"]["valid"])
    return asked, run.start, run.stop
