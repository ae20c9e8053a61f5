"""Where batches come from, beside an update that they are for: neither may keep it waiting.

    python -m benchmarks.batching [SOURCE ...] [--repeats 5] [--drives 500]

SOURCE as for benchmarks.run. All on one thread, of CPU seconds, taken by turns: batches of 64 windows of 20 steps, all
observation blocks, for an update of preset `paper`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Annotated

import numba
import numpy as np
import torch
import typer
from rich.console import Console

from benchmarks.machine import describe_machine
from benchmarks.material import Material, find_material
from benchmarks.row import Row, rates
from benchmarks.sizes import FULL
from benchmarks.storing import dataset_of
from benchmarks.table import WIDTH, table
from benchmarks.timing import by_turns
from benchmarks.transformer import UPDATES, made_up, our_update
from gold_data.gym import Demonstrations
from gold_data.replay.batched.tracking import track_batched
from gold_train.data.online import OnlineBatches
from gold_train.data.recorded import RecordedBatches
from gold_train.settings import TransformerRun

BATCHES = 200
"""Batches that are timed together; drawn fresh, as many as a round has."""


def main(
    sources: Annotated[list[str] | None, typer.Argument(help="Records [default: WOMD's, else made-up ones].")] = None,
    repeats: Annotated[int, typer.Option(help="Pairs of samples.")] = 5,
    drives: Annotated[int, typer.Option(help="Drives of a round.")] = 500,
) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as work:
        rows = list(measure_batching(find_material(sources or [], Path(work), FULL), TransformerRun(), repeats, drives))
    Console(width=WIDTH, highlight=False).print(table(machine, rows))


def measure_batching(material: Material, run: TransformerRun, repeats: int, drives: int) -> Iterator[Row]:
    """Of a dataset that is made for this, and of fresh drives in the same records."""
    dataset = dataset_of(material)
    columns = np.arange(dataset.observation_blocks[-1].stop)
    update = our_update(run, made_up(run, len(columns)))
    length, batch_size = run.model.context, run.training.batch_size
    cache = material.work / "windows"
    recorded = RecordedBatches(dataset, columns, length=length, batch_size=batch_size, seed=0, cache=cache)
    demonstrations = Demonstrations(material.scenes, material.settings)
    online = OnlineBatches(demonstrations, columns, drives=drives, length=length, batch_size=batch_size, seed=0)
    rounds, numbers, names = count(1), count(), count()

    def updates() -> None:
        for _ in range(UPDATES):
            update()

    def read() -> None:
        for _ in range(BATCHES):
            recorded.batch(next(numbers))

    def draw() -> None:
        first = next(rounds) * online.batches_a_round
        for step in range(first, first + online.batches_a_round):
            online.batch(step)

    for what, work, made in (
        ("batches of a dataset", read, BATCHES),
        ("batches drawn fresh", draw, online.batches_a_round),
    ):
        ours, theirs = by_turns(work, updates, repeats)
        yield Row(what, "batches/s", rates(made, ours), "update on one", rates(UPDATES, theirs))

    def together() -> None:
        drawn.append(int(demonstrations.draw(drives, str(next(names))).first[-1]))

    def alone() -> None:
        tracked.append(sum(track_batched(s.description, s.ego_id, material.settings).length for s in material.scenes))

    drawn: list[int] = []
    tracked: list[int] = []
    ours, theirs = by_turns(together, alone, repeats)
    yield Row(
        "demonstrations, all at once",
        "steps/s",
        tuple(steps / spent for steps, spent in zip(drawn[1:], ours, strict=True)),
        "one at a time, as converted",
        tuple(steps / spent for steps, spent in zip(tracked[1:], theirs, strict=True)),
        {"drives": str(drives), "scenes": str(len(material.scenes))},
    )


if __name__ == "__main__":
    typer.run(main)
