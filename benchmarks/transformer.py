"""An update of the Decision Transformer, beside its matrix products alone, the reference's layout, and half precision.

    python -m benchmarks.transformer [CHECKOUT] [--observation-size 161] [--repeats 5] [--profile]

CHECKOUT, or $DECISION_TRANSFORMER, is a clone of kzl/decision-transformer; without it that row is left out. All on one
thread, preset `paper`, batches of 64 windows of 20 steps, of CPU seconds, taken by turns.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from torch.profiler import ProfilerActivity, profile

from benchmarks.machine import describe_machine
from benchmarks.products import Products
from benchmarks.reference_transformer import CHECKOUT, reference_update
from benchmarks.row import Row, rates
from benchmarks.table import WIDTH, table
from benchmarks.timing import by_turns
from gold_train.data.batch import Batch
from gold_train.offline.update import Updates
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.settings import TrainingSettings, TransformerRun

UPDATES = 10
"""Updates that are timed together."""


def main(
    checkout: Annotated[Path | None, typer.Argument(help="Clone of kzl/decision-transformer.")] = None,
    observation_size: Annotated[int, typer.Option(help="D, numbers in an observation.")] = 161,
    repeats: Annotated[int, typer.Option(help="Pairs of samples.")] = 5,
    profiled: Annotated[bool, typer.Option("--profile", help="Also print where the time goes.")] = False,
) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    machine, run = describe_machine(), TransformerRun()
    batch = made_up(run, observation_size)
    update = our_update(run, batch)
    with Products() as products:
        update()
    rows = [row("its matrix products alone", update, products.again, repeats, products.flops)]
    place = checkout or (Path(given) if (given := os.environ.get("DECISION_TRANSFORMER")) else None)
    if place is None:
        typer.echo(f"left out: no reference to compare with; {CHECKOUT}, and give its folder", err=True)
    else:
        rows.append(row("kzl/decision-transformer", update, reference_update(place, run, batch), repeats))
    half = TransformerRun(training=TrainingSettings(precision="bfloat16"))
    rows.append(row("in float32", our_update(half, batch), update, repeats, what="the same in bfloat16"))
    Console(width=WIDTH, highlight=False).print(table(machine, rows))
    if profiled:
        typer.echo(where_time_goes(update))


def made_up(run: TransformerRun, observation_size: int) -> Batch:
    """A batch of full windows of random numbers."""
    generator = torch.Generator().manual_seed(0)
    steps = run.training.batch_size, run.model.context
    first = torch.randint(0, 300, (steps[0], 1), generator=generator)
    return Batch(
        observations=torch.rand(*steps, observation_size, generator=generator),
        actions=torch.rand(*steps, 2, generator=generator) * 2 - 1,
        targets=torch.rand(*steps, 2, generator=generator) * 2 - 1,
        returns_to_go=torch.rand(*steps, generator=generator) * 200,
        timesteps=first + torch.arange(steps[1]),
        mask=torch.ones(steps, dtype=torch.bool),
    )


def our_update(run: TransformerRun, batch: Batch) -> Callable[[], object]:
    """Forward, loss, backward, bounded gradients, AdamW, on one batch."""
    size, actions = batch.observations.shape[-1], batch.actions.shape[-1]
    normaliser = Normaliser(torch.full((size,), 0.5), torch.ones(size), run.data.min_std, run.data.clip)
    updates = Updates(make_network(run, normaliser, size, actions), run, torch.device("cpu"))
    return lambda: updates.update(batch, 0)


def row(
    reference: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    repeats: int,
    flops: int = 0,
    what: str = "update of the Decision Transformer",
) -> Row:
    """Updates a second of both; with `flops` an update, also how many thousand millions of them a second."""

    def often(work: Callable[[], object]) -> Callable[[], None]:
        def repeated() -> None:
            for _ in range(UPDATES):
                work()

        return repeated

    our, their = by_turns(often(ours), often(theirs), repeats)
    beside = {"Gflop an update": f"{flops / 1e9:.1f}", "Gflop/s alone": f"{flops * UPDATES / min(their) / 1e9:.0f}"}
    return Row(
        what,
        "updates/s",
        rates(UPDATES, our),
        reference,
        rates(UPDATES, their),
        beside if flops else {},
    )


def where_time_goes(update: Callable[[], object]) -> str:
    """Torch's operations by the time that they take themselves."""
    with profile(activities=[ProfilerActivity.CPU]) as taken:
        for _ in range(UPDATES):
            update()
    return str(taken.key_averages().table(sort_by="self_cpu_time_total", row_limit=25, max_name_column_width=45))


if __name__ == "__main__":
    typer.run(main)
