"""What checks of records have in common: looking into the files, rows in the plan's order, and where they are written.

Replays against records, and one engine against the other, both go through many records, each in a child process, and
say what came of each in a row of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO, TypeVar

from rich.console import Console

from gold_data.conversion.progress import tally
from gold_data.conversion.refusals import how_it_failed, nothing_whole
from gold_data.conversion.replay_plan import Contents, Index, ReplayPlan, contents_of, plan_for_sources
from gold_data.conversion.run import Report, Runner
from gold_data.errors import OutputError, SimulatorError
from gold_data.sources import Source

Task = TypeVar("Task")
Row = TypeVar("Row")


def indexing(running: Runner, console: Console) -> Index:
    """A function that lists what files hold, in their order, while it shows how far it is."""

    def index(found: Sequence[Source]) -> Iterator[Contents]:
        contents: dict[int, Contents] = {}
        with tally("Indexing", len(found), "files", console) as progress:
            for number, held in running.run(_index_task, found, lambda event: None):
                contents[number] = held
                progress.add("files")
        return (contents[number] for number in range(len(found)))

    return index


def plan_of_records(paths: Sequence[str], index: Index) -> ReplayPlan:
    """Every record of the sources; raises SourceError where there is none, or none that is whole."""
    plan = plan_for_sources(paths, index)
    if not plan.asked:
        raise nothing_whole(paths, plan.damaged)
    return plan


def in_order(
    running: Runner,
    function: Callable[[Task, Report], tuple[Row, ...]],
    tasks: Sequence[Task],
    report: Report,
) -> Iterator[Row]:
    """The rows of many tasks, those of the first task first, each as soon as all before it are there."""
    early: dict[int, tuple[Row, ...]] = {}
    due = 0
    for number, rows in running.run(function, tasks, report):
        early[number] = rows
        while due in early:
            yield from early.pop(due)
            due += 1


def failure(error: SimulatorError, scenario_id: str, ego_id: str) -> str:
    """What a row says of a drive that did not get through."""
    return f"simulator_error: {how_it_failed(error, scenario_id, ego_id)}"


def opened(to: Path) -> TextIO:
    """A new file for rows; raises OutputError where it cannot be written."""
    try:
        return to.open("w", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{to}: cannot be written ({error.strerror}); choose another place") from error


def _index_task(source: Source, report: Report) -> Contents:
    return contents_of(source)
