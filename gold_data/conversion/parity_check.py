"""Does the batched engine drive as MetaDrive does? Every scenario in both, four times, by the same actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from gold_data.conversion.checking import failure, in_order, indexing, opened, plan_of_records
from gold_data.conversion.parity_rows import COMPARED, FAILED, SHORT, UNUSABLE, ParityRow, ParitySummary
from gold_data.conversion.progress import tally
from gold_data.conversion.refusals import check_time_limit
from gold_data.conversion.replay_plan import Place, ReplayPlan
from gold_data.conversion.run import Runner, cores, runner
from gold_data.errors import RecordError, SimulatorError
from gold_data.replay.both_engines import ParityJob, drive_both
from gold_data.replay.isolation import Isolated
from gold_data.replay.machine import check_machine
from gold_data.replay.parity import DriveParity
from gold_data.scenarionet import DescriptionError
from gold_data.settings import ConvertSettings
from gold_data.sources import read_description
from gold_data.womd import MalformedRecord

MIN_STEPS = 60
"""Steps below which a record is not driven: too short to drift apart."""

SCENARIOS = 8
"""A task: enough for the compiled engine to be loaded once for some, and few enough for rows to come steadily."""

Simulator = Isolated[ParityJob, tuple[DriveParity, ...]]


@dataclass(frozen=True)
class ParityTask:
    """Some scenarios with all that a worker needs for them."""

    places: tuple[Place, ...]
    time_limit: float  # seconds a scenario may take
    itself: bool = False  # MetaDrive against itself


def parity_check(
    paths: Sequence[str],
    *,
    to: Path | None = None,
    itself: bool = False,
    workers: int | None = None,
    time_limit: float = 300.0,
    console: Console | None = None,
) -> ParitySummary:
    """Drive each record's own car in both engines, in the four ways of gold_data.replay.both_engines, and compare.

    `paths` are the files, folders, globs or URLs of any records; those of fewer than 60 steps are left out. One JSON
    object a scenario goes to the file `to`, line by line, in the records' order. `workers` processes do the work (as
    many as there are cores; 0: this process); a scenario may take `time_limit` seconds for its four drives. With
    `itself` MetaDrive is held against itself, its inputs nudged: see ParityJob.

    Raises SourceError, SettingsError, OutputError or MachineError.
    """
    check_time_limit(time_limit)
    check_machine()
    console = console or Console(stderr=True)
    workers = cores() if workers is None else workers
    summary = ParitySummary()
    with ExitStack() as stack:
        running = stack.enter_context(runner(workers, None))
        plan = plan_of_records(paths, indexing(running, console))
        file = None if to is None else stack.enter_context(opened(to))
        for row in _rows(plan, running, time_limit, console, itself):
            summary.add(row)
            if file is not None:
                file.write(row.model_dump_json() + "\n")
                file.flush()
    return summary


def _rows(
    plan: ReplayPlan, running: Runner, time_limit: float, console: Console, itself: bool = False
) -> Iterator[ParityRow]:
    for one in plan.damaged:
        error = f"damaged: {one.reason}"
        yield ParityRow(outcome=UNUSABLE, scenario="", source=one.source, offset=one.offset, error=error)
    places = [asked.place for asked in plan.asked]
    tasks = [
        ParityTask(tuple(places[at : at + SCENARIOS]), time_limit, itself) for at in range(0, len(places), SCENARIOS)
    ]
    with tally("Driving", len(places), "scenarios", console) as progress:
        yield from in_order(running, check_parity, tasks, progress.add)


def check_parity(task: ParityTask, on_scenario: Callable[[str], None]) -> tuple[ParityRow, ...]:
    """Drive the scenarios of a task; `on_scenario` is told what came of each."""
    rows = []
    with Isolated(drive_both, task.time_limit) as simulator:
        for place in task.places:
            rows.append(_checked(place, simulator, task.itself))
            on_scenario(rows[-1].outcome)
    return tuple(rows)


def _checked(place: Place, simulator: Simulator, itself: bool) -> ParityRow:
    where: dict[str, Any] = {"scenario": place.scenario_id, "source": place.source.name, "offset": place.offset}
    try:
        description = read_description(place.source, place.offset, place.crc)
    except (RecordError, MalformedRecord, DescriptionError) as error:
        return ParityRow(outcome=UNUSABLE, error=f"not_describable: {error}", **where)
    ego_id, steps = str(description["metadata"]["sdc_id"]), description["length"] - 1
    if steps < MIN_STEPS:
        return ParityRow(outcome=SHORT, error=f"short: {steps} steps, not {MIN_STEPS}", ego=ego_id, **where)
    try:
        drives = simulator(ParityJob(description, ego_id, ConvertSettings(), itself))
    except SimulatorError as error:
        said = failure(error, place.scenario_id, ego_id)
        return ParityRow(outcome=FAILED, error=said, ego=ego_id, **where)
    return ParityRow(outcome=COMPARED, ego=ego_id, drives=drives, **where)
