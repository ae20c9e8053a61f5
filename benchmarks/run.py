"""All that is measured, as one table and one JSON: `make bench`, or

    python -m benchmarks.run [SOURCE ...] [--only SUBJECT] [--to bench.json] [--smoke]

SOURCE defaults to WOMD's records in ../shared/womd or $GOLD_WOMD, or to made-up ones where these are not there.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.driving import measure_driving
from benchmarks.growth import measure_growth
from benchmarks.learner import measure_learning
from benchmarks.machine import describe_machine
from benchmarks.material import Material, find_material
from benchmarks.reading import measure_reading
from benchmarks.rollouts import measure_rollouts
from benchmarks.row import Row
from benchmarks.sizes import FULL, SMOKE
from benchmarks.stepping import measure_stepping
from benchmarks.storing import measure_storing
from benchmarks.table import WIDTH, table
from gold_data.errors import GoldDataError


class Subject(StrEnum):
    """What can be measured alone."""

    READING = "reading"  # TFRecords, index, descriptions
    DRIVING = "driving"  # episodes, tracked and replayed
    STEPPING = "stepping"  # environment steps, the car alone
    STORING = "storing"  # shards, windows
    ROLLOUTS = "rollouts"  # environment steps into the replay buffer
    LEARNING = "learning"  # updates of the learners
    GROWTH = "growth"  # conversions by size and workers


MEASURES: dict[Subject, Callable[[Material], Iterator[Row]]] = {
    Subject.READING: measure_reading,
    Subject.DRIVING: measure_driving,
    Subject.STEPPING: measure_stepping,
    Subject.STORING: measure_storing,
    Subject.ROLLOUTS: measure_rollouts,
    Subject.LEARNING: measure_learning,
    Subject.GROWTH: measure_growth,
}


def bench(
    sources: Annotated[list[str] | None, typer.Argument(help="Records [default: WOMD's, else made-up ones].")] = None,
    only: Annotated[list[Subject] | None, typer.Option(help="Measure this alone; may be given again.")] = None,
    to: Annotated[Path, typer.Option(help="JSON file to write, with all samples.")] = Path("bench.json"),
    smoke: Annotated[bool, typer.Option("--smoke", help="Next to nothing of everything: does it run?")] = False,
) -> None:
    """Measure, print the table, write the JSON."""
    if not to.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {to.parent} to write it in", param_hint="--to")
    began, machine = datetime.now(UTC), describe_machine()
    rows: list[tuple[Subject, Row]] = []
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as work:
        material = find_material(sources or [], Path(work), SMOKE if smoke else FULL)
        for subject in only or Subject:
            begin = time.perf_counter()
            rows += [(subject, row) for row in MEASURES[subject](material)]
            seconds[subject] = time.perf_counter() - begin
            typer.echo(f"{subject}: measured in {seconds[subject]:.0f} s", err=True)
        paths = [path for path in material.paths if not Path(path).is_relative_to(work)]
    written = {
        "began": began.isoformat(timespec="seconds"),
        "machine": machine,
        "sources": paths or "made-up records",
        "seconds": seconds,
        "rows": [{"subject": subject, **row.as_json()} for subject, row in rows],
    }
    to.write_text(json.dumps(written, indent=1) + "\n")
    Console(width=WIDTH, highlight=False).print(table(machine, [row for _, row in rows]))
    typer.echo(str(to))


if __name__ == "__main__":
    try:
        typer.run(bench)
    except GoldDataError as error:
        typer.echo(f"bench: {error}", err=True)
        sys.exit(2)
