"""The whole conversion: sources in, a dataset out."""

from __future__ import annotations

import contextlib
import json
import platform
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from gold_data.conversion.finish import finish
from gold_data.conversion.forecast import Disk, check_room, expected, size_text
from gold_data.conversion.index import SourceIndex, index_source
from gold_data.conversion.place import has_begun, is_finished, taken
from gold_data.conversion.plan import Plan, make_plan
from gold_data.conversion.progress import clock, tally
from gold_data.conversion.refusals import check_time_limit, nothing_whole
from gold_data.conversion.resuming import begin, check_plan, check_settings
from gold_data.conversion.rows import UnitRow
from gold_data.conversion.run import Runner, cores, runner
from gold_data.conversion.stopping import terminable
from gold_data.conversion.unit import ROWS, Task, convert_unit, finished_row
from gold_data.errors import GoldDataError, StoppedError
from gold_data.replay.machine import check_machine
from gold_data.settings import ConvertSettings
from gold_data.shards import Dataset, open_dataset
from gold_data.shards.folder import write_whole_file
from gold_data.shards.verify import RUN
from gold_data.sources import Source, find_sources
from gold_data.version import VERSION


@dataclass(frozen=True)
class IndexTask:
    """A file to be indexed."""

    source: Source
    settings: ConvertSettings


def convert(
    sources: Sequence[str],
    out: str | Path,
    settings: ConvertSettings | None = None,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    time_limit: float = 300.0,
    resume: bool = False,
    console: Console | None = None,
) -> Dataset:
    """Convert WOMD TFRecords and ScenarioNet databases into the dataset folder `out`.

    `sources` are files, folders, globs or URLs; `workers` processes of this machine do the work (as many as it has
    cores; 0: this process), or those of the Dask `scheduler` at an address. A scenario may take `time_limit` seconds in
    the simulator. What is written depends on the records and the settings alone, but for run.json.

    With `resume` a job that was stopped in `out`, however that came, goes on: what is finished stays, and the bytes are
    those of a job that was never stopped. It begins where there is none, and leaves a finished dataset alone. Sources
    and settings must be those that it was begun with.

    Raises SourceError, SettingsError, OutputError, ClusterError or MachineError before anything is written, and
    StoppedError for what goes wrong later: then it can be resumed, as it can after KeyboardInterrupt.
    """
    settings, console = settings or ConvertSettings(), console or Console(stderr=True)
    place = Path(out)
    check_time_limit(time_limit)
    check_machine()
    began = time.time()
    workers = cores() if workers is None else workers
    found = find_sources(sources)
    with terminable(), taken(place, resume, console):
        finished, begun = is_finished(place), has_begun(place)
        if begun:
            check_settings(place, settings)
        with runner(workers, scheduler) as running:
            plan = make_plan(_index(running, found, settings, console), settings)
            if not plan.scenarios:
                raise nothing_whole(sources, plan.damaged)
            if begun:
                check_plan(place, plan)
            if finished:
                _say(console, f"{place} is finished already; nothing was done.")
                return open_dataset(place)
            rows = _rows(place, plan) if begun else {}
            _forecast(place, plan, rows, settings, running.workers, console)
            if not begun:
                begin(place, plan, settings)
            earlier = len(rows)
            with _resumable(place, rows, len(plan.units)):
                (place / "shards").mkdir(exist_ok=True)
                tasks = _tasks(plan, found, settings, place.absolute(), time_limit)
                _convert_units(running, [task for task in tasks if task.unit.name not in rows], plan, rows, console)
                finish(place, plan, [rows[unit.name] for unit in plan.units], settings)
                _write_run(place, sources, began, workers, scheduler, earlier)
                shutil.rmtree(place / ROWS)
    return open_dataset(place)


@contextlib.contextmanager
def _resumable(out: Path, rows: Mapping[str, UnitRow], units: int) -> Iterator[None]:
    """What stops a job that has begun says how to go on with it."""
    try:
        yield
    except (GoldDataError, OSError) as error:
        raise StoppedError(
            f"{str(error).rstrip('.')}. {out}: stopped with {len(rows)} of {units} shards finished, which stay; the "
            "same command with --resume goes on from there."
        ) from error


def _rows(out: Path, plan: Plan) -> dict[str, UnitRow]:
    """The rows of the units that an earlier job has finished, by name."""
    found = ((unit.name, finished_row(out, unit)) for unit in plan.units)
    return {name: row for name, row in found if row is not None}


def _forecast(
    out: Path, plan: Plan, rows: Mapping[str, UnitRow], settings: ConvertSettings, workers: int, console: Console
) -> None:
    """Say what is to come, and refuse what cannot fit."""
    units = [unit for unit in plan.units if unit.name not in rows]
    forecast = expected(plan, units, settings, workers)
    check_room(out, forecast)
    kept = f"; {len(rows)} shards are finished already" if rows else ""
    scenarios = sum(len(unit.records) for unit in units)
    text = f"{scenarios} scenarios in {len(units)} shards, about {size_text(forecast.bytes)}"
    _say(console, f"Expected: {text} and {clock(forecast.seconds)} on {workers} core{'s' * (workers > 1)}{kept}")


def _say(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, markup=False, highlight=False)


def _index(
    running: Runner, sources: Sequence[Source], settings: ConvertSettings, console: Console
) -> list[SourceIndex]:
    tasks = [IndexTask(source, settings) for source in sources]
    indices: dict[int, SourceIndex] = {}
    with tally("Indexing", len(tasks), "files", console) as progress:
        for number, index in running.run(_index_task, tasks, lambda event: None):
            indices[number] = index
            progress.add("files")
    return [indices[number] for number in range(len(tasks))]


def _index_task(task: IndexTask, report: Callable[[str], None]) -> SourceIndex:
    return index_source(task.source, task.settings)


def _tasks(
    plan: Plan, sources: Sequence[Source], settings: ConvertSettings, out: Path, time_limit: float
) -> list[Task]:
    by_name = {source.name: source for source in sources}
    return [
        Task(unit, {record.source: by_name[record.source] for record in unit.records}, settings, out, time_limit)
        for unit in plan.units
    ]


def _convert_units(
    running: Runner, tasks: Sequence[Task], plan: Plan, rows: dict[str, UnitRow], console: Console
) -> None:
    """Convert the units that are not done, and add their rows to those that are."""
    disk = Disk(plan.units)
    for row in rows.values():
        disk.add(row)
    before = sum(row.planned for row in rows.values())
    with tally("Driving", plan.planned, "scenarios", console, before) as progress:
        for _, row in running.run(convert_unit, tasks, progress.add):
            rows[row.name] = row
            disk.add(row)
            progress.note = str(disk)


def _write_run(
    out: Path, sources: Sequence[str], began: float, workers: int | None, scheduler: str | None, resumed: int
) -> None:
    content = {
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "seconds": round(time.time() - began, 3),
        "sources": list(sources),
        "workers": workers,
        "scheduler": scheduler,
        "shards_finished_before": resumed,
        "machine": platform.machine(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "gold_data": VERSION,
    }
    write_whole_file(out / RUN, (json.dumps(content, indent=1) + "\n").encode())
