"""An online learner's update beside its own matrix products alone (algorithms 2.3, 2.4, 2.6-e).

    python -m benchmarks.learner [--observation-size 161 --observation-size 276] [--repeats 7] [--threads 1] [--profile]

Batches of 256, networks of 2 x 256, CPU seconds by turns. A pass forward of one network is 3 products, one backward 5.
IQL's update needs 8 passes forward (both targets, V, the new V of both observations, the policy, both Q) and 4 backward
(V, the policy, both Q): 44 products, of which V's two passes are made at once. `pathwise` needs the critics of the
student's actions too: 2 passes forward, and 2 back to the actions alone, of 3 products. CVPO's
update needs the policy of both observations, the old one, four targets and four critics forward, these backward, four
targets of every drawn action behind what their first layer makes of the state, and the policy there and back at every
iteration of the M-step; `CVPO, few` has FSRL's numbers.
The reference makes the same products of the same operands, by the same library, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Final

import torch
import typer
from rich.console import Console

from benchmarks.machine import describe_machine
from benchmarks.material import Material
from benchmarks.products import Products
from benchmarks.row import Row, rates
from benchmarks.table import WIDTH, table
from benchmarks.timing import by_turns
from benchmarks.transformer import where_time_goes
from gold_train.learners.cvpo import CvpoLearner
from gold_train.learners.iql import IqlLearner
from gold_train.learners.learner import Learner, Transitions
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.student import Student
from gold_train.settings import CvpoRun, IqlRun
from gold_train.settings.online import CvpoSettings, IqlSettings

SIZES: Final = (161, 276)  # of observations: MetaDrive's own, and with the blocks that are added
ACTIONS: Final = 2
STEPS: Final = 137.0  # of an episode, which CVPO's limit is spread over
UPDATES: Final = 20  # that are timed together

LEARNERS: Final[dict[str, IqlRun | CvpoRun]] = {
    "IQL, awr": IqlRun(),
    "IQL, pathwise": IqlRun(learner=IqlSettings(actor="pathwise")),
    "CVPO": CvpoRun(),
    "CVPO, few": CvpoRun(learner=CvpoSettings(actions=16, iterations=1)),
}


def main(
    observation_size: Annotated[list[int] | None, typer.Option(help="D; may be given again.")] = None,
    repeats: Annotated[int, typer.Option(help="Pairs of samples.")] = 7,
    threads: Annotated[int, typer.Option(help="Of torch.")] = 1,
    profiled: Annotated[bool, typer.Option("--profile", help="Also print where the time goes.")] = False,
) -> None:
    """Measure and print."""
    machine, sizes = describe_machine(), tuple(observation_size or SIZES)
    rows = list(learner_rows(sizes, repeats, threads))
    Console(width=WIDTH, highlight=False).print(table(machine, rows))
    if profiled:
        for name, run in LEARNERS.items():
            typer.echo(f"{name}\n{where_time_goes(update_of(run, sizes[-1]))}")


def measure_learning(material: Material) -> Iterator[Row]:
    """Updates of the learners; nothing of the material is read but how often."""
    return learner_rows(SIZES, material.sizes.repeats, threads=1)


def learner_rows(sizes: tuple[int, ...], repeats: int, threads: int) -> Iterator[Row]:
    """A row for each learner and size of observations."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        for size in sizes:
            for name, run in LEARNERS.items():
                yield row(f"update of {name}, {size} numbers", update_of(run, size), repeats)
    finally:
        torch.set_num_threads(before)


def update_of(run: IqlRun | CvpoRun, size: int) -> Callable[[], object]:
    """Updates on one batch, one after the other, of a student that sees `size` numbers."""
    torch.manual_seed(0)
    normaliser = Normaliser(torch.full((size,), 0.5), torch.ones(size), run.data.min_std, run.data.clip)
    student = make_network(run, normaliser, size, ACTIONS)
    assert isinstance(student, Student)
    learner: Learner = IqlLearner(student, run) if isinstance(run, IqlRun) else CvpoLearner(student, run, STEPS)
    batch, number = made_up(run.replay.batch_size, size), iter(range(10**9))
    return lambda: learner.update(batch, next(number), 0.0, measure=False)


def made_up(rows: int, size: int) -> Transitions:
    """A batch of random numbers; the guide was asked in none of its rows."""
    drawn = torch.Generator().manual_seed(0)
    return Transitions(
        observations=torch.rand(rows, size, generator=drawn),
        actions=torch.rand(rows, ACTIONS, generator=drawn) * 2 - 1,
        rewards=torch.rand(rows, generator=drawn),
        costs=(torch.rand(rows, generator=drawn) < 0.1).float(),
        next_observations=torch.rand(rows, size, generator=drawn),
        terminated=(torch.rand(rows, generator=drawn) < 0.02).float(),
        guided=torch.rand(rows, generator=drawn) < 0.5,
        guide_actions=torch.full((rows, ACTIONS), torch.nan),
    )


def row(what: str, update: Callable[[], object], repeats: int) -> Row:
    """Updates a second, and how often a second their products alone could be made."""
    update()
    with Products() as products:
        update()

    def updates() -> None:
        for _ in range(UPDATES):
            update()

    @torch.no_grad()
    def alone() -> None:
        for _ in range(UPDATES):
            products.again()

    ours, theirs = by_turns(updates, alone, repeats)
    beside = {
        "products": f"{len(products.made)}",
        "Gflop an update": f"{products.flops / 1e9:.2f}",
        "Gflop/s alone": f"{products.flops * UPDATES / min(theirs) / 1e9:.0f}",
    }
    return Row(what, "updates/s", rates(UPDATES, ours), "its products alone", rates(UPDATES, theirs), beside)


if __name__ == "__main__":
    typer.run(main)
