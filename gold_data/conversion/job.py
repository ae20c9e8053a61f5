"""The whole conversion: sources in, a dataset out."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from gold_data.conversion.finish import finish
from gold_data.conversion.index import SourceIndex, index_source
from gold_data.conversion.plan import Plan, make_plan
from gold_data.conversion.progress import tally
from gold_data.conversion.refusals import check_time_limit, nothing_whole
from gold_data.conversion.rows import UnitRow
from gold_data.conversion.run import Runner, cores, runner
from gold_data.conversion.unit import ROWS, Task, convert_unit
from gold_data.errors import OutputError
from gold_data.replay.machine import check_machine
from gold_data.settings import ConvertSettings
from gold_data.shards import Dataset, open_dataset
from gold_data.shards.folder import write_whole_file
from gold_data.sources import Source, find_sources
from gold_data.version import VERSION

RUN = "run.json"
"""The one file that may differ between two conversions of the same sources: times, machine, workers."""


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
    console: Console | None = None,
) -> Dataset:
    """Convert WOMD TFRecords and ScenarioNet databases into the dataset folder `out`.

    `sources` are files, folders, globs or URLs; `workers` processes of this machine do the work (as many as it has
    cores; 0: this process), or those of the Dask `scheduler` at an address. A scenario may take `time_limit` seconds in
    the simulator. What is written depends on the records and the settings alone, but for run.json.

    Raises SourceError, SettingsError, OutputError, ClusterError or MachineError, before anything is written.
    """
    settings, console = settings or ConvertSettings(), console or Console(stderr=True)
    place = Path(out)
    check_time_limit(time_limit)
    check_machine()
    began = time.time()
    workers = cores() if workers is None else workers
    found = find_sources(sources)
    made = _make(place)
    try:
        with runner(workers, scheduler) as running:
            plan = make_plan(_index(running, found, settings, console), settings)
            if not plan.scenarios:
                raise nothing_whole(sources, plan.damaged)
            for folder in ("shards", ROWS):
                (place / folder).mkdir()
            tasks = _tasks(plan, found, settings, place.absolute(), time_limit)
            units = _convert_units(running, tasks, plan.planned, console)
    except BaseException:
        _remove_untouched(made)
        raise
    finish(place, plan, units, settings)
    _write_run(place, sources, began, workers, scheduler)
    return open_dataset(place)


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


def _convert_units(running: Runner, tasks: Sequence[Task], scenarios: int, console: Console) -> list[UnitRow]:
    rows: dict[int, UnitRow] = {}
    with tally("Driving", scenarios, "scenarios", console) as progress:
        for number, row in running.run(convert_unit, tasks, progress.add):
            rows[number] = row
    return [rows[number] for number in range(len(tasks))]


def _make(out: Path) -> list[Path]:
    """Make the folder, or take an empty one; the folders that were made, innermost first."""
    new = [place for place in (out, *out.parents) if not place.exists()]
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise OutputError(f"{out} exists and is not an empty folder; name another OUT or remove it.")
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}; name another OUT.") from error
    return new


def _remove_untouched(made: Sequence[Path]) -> None:
    for folder in made:
        if any(folder.iterdir()):
            return
        folder.rmdir()


def _write_run(out: Path, sources: Sequence[str], began: float, workers: int | None, scheduler: str | None) -> None:
    content = {
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "seconds": round(time.time() - began, 3),
        "sources": list(sources),
        "workers": workers,
        "scheduler": scheduler,
        "machine": platform.machine(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "gold_data": VERSION,
    }
    write_whole_file(out / RUN, (json.dumps(content, indent=1) + "\n").encode())
