"""How large policies are, and how long they take to act (algorithms 2.7): `gold-train bench`."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import torch
from rich.table import Table

from gold_data.errors import OutputError
from gold_data.shards import ObservationBlock
from gold_train.policies.acting import actor_of
from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.settings import CloningRun, RunSettings, transformer_run

WARM_UP: Final = 20
CALLS: Final = 100
REPEATS: Final = 5


@dataclass(frozen=True)
class Measured:
    """One policy: its size, and the seconds that 100 actions took, in each repeat."""

    name: str
    kind: str  # of its settings: dt, bc
    parameters: int
    observation_size: int
    seconds: tuple[float, ...]

    @property
    def milliseconds(self) -> float:
        """Of one action, the median of the repeats."""
        return median(self.seconds) / CALLS * 1e3


def bench(policies: Mapping[str, Policy], device: torch.device, threads: int = 1) -> list[Measured]:
    """Measure each policy in one episode, at its full context, float32, normalisation and context included.

    20 calls do not count; each of 5 repeats takes 100 calls of every policy, one after the other, so that what else the
    machine does in the meantime happens to all of them. `threads` are torch's on the CPU.
    """
    with _torch_threads(threads):
        calls = [_call(policy, device) for policy in policies.values()]
        seconds: list[list[float]] = [[] for _ in calls]
        for _ in range(REPEATS):
            for call, taken in zip(calls, seconds, strict=True):
                taken.append(_seconds(call, device))
    return [
        Measured(
            name=name,
            kind=policy.settings.kind,
            parameters=sum(part.numel() for part in policy.network.parameters()),
            observation_size=size_of(policy),
            seconds=tuple(taken),
        )
        for (name, policy), taken in zip(policies.items(), seconds, strict=True)
    ]


def size_of(policy: Policy) -> int:
    """D, numbers that the policy reads of an observation."""
    return sum(block.stop - block.start for block in policy.blocks)


def untrained(presets: Sequence[str], observation_size: int, actions: int = 2) -> dict[str, Policy]:
    """Policies with weights as they are drawn: the student, and Decision Transformers of these presets.

    Raises SettingsError for a preset that there is not.
    """
    runs: dict[str, RunSettings] = {"student": CloningRun()}
    runs |= {f"dt {preset}": transformer_run(preset) for preset in presets}
    names = tuple(str(number) for number in range(observation_size))
    block = ObservationBlock(name="all", start=0, stop=observation_size, names=names, digest="0" * 64)
    zeros, ones = torch.zeros(observation_size), torch.ones(observation_size)
    made = {}
    for name, run in runs.items():
        normaliser = Normaliser(zeros, ones, run.data.min_std, run.data.clip)
        network = make_network(run, normaliser, observation_size, actions)
        made[name] = Policy(network, run, (block,), Lineage("", "", ""), 0, np.zeros(101))
    return made


def ratio(row: Measured, reference: Measured) -> float:
    """How many times as long it takes as the reference: the ratio of the medians (K28)."""
    return row.milliseconds / reference.milliseconds


def write_rows(to: Path, rows: Sequence[Measured], where: Mapping[str, Any]) -> None:
    """Write all rows with all repeats as JSON. Raises OutputError when it cannot be written."""
    told = [{**asdict(row), "milliseconds": row.milliseconds} for row in rows]
    try:
        to.write_text(json.dumps({**where, "calls": CALLS, "rows": told}, indent=1) + "\n")
    except OSError as error:
        raise OutputError(f"{to} cannot be written ({error.strerror}); choose another place.") from error


def table(rows: Sequence[Measured], where: Mapping[str, Any]) -> Table:
    """All rows, with the milliseconds of an action, beside the first student among them, if there is one."""
    student = next((row for row in rows if row.kind == "bc"), None)
    threads = f"{where['threads']} thread{'s' if where['threads'] > 1 else ''}"
    shown = Table(title=f"{where['device']}; {threads}; torch {where['torch']}", title_justify="left")
    for name in ("policy", "D", "parameters", "x student", "ms", "range", "x student"):
        shown.add_column(name, justify="left" if name == "policy" else "right")
    for row in rows:
        shown.add_row(
            row.name,
            str(row.observation_size),
            f"{row.parameters:,}",
            "" if student is None else f"{row.parameters / student.parameters:.1f}",
            f"{row.milliseconds:.3g}",
            f"{min(row.seconds) / CALLS * 1e3:.3g} to {max(row.seconds) / CALLS * 1e3:.3g}",
            "" if student is None else f"{ratio(row, student):.1f}",
        )
    return shown


def describe(device: torch.device, threads: int) -> dict[str, Any]:
    """What it is measured on: the device's name, torch's threads on the CPU, torch's version."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else _cpu()
    return {"device": name, "threads": threads, "torch": torch.__version__}


def _call(policy: Policy, device: torch.device) -> Callable[[], None]:
    """One action of an episode that goes on without end, the context full and everything warm."""
    actor = actor_of(policy, policy.blocks, 1, device)
    size = max(block.stop for block in policy.blocks)
    row, reward = np.zeros(1, np.int64), np.ones(1, np.float32)
    observation = np.random.default_rng(0).random((1, size), np.float32)
    actor.begin(row, np.array([policy.returns[-1]]))

    def call() -> None:
        actor.executed(row, actor.act(row, observation), reward)

    context = policy.network.context if isinstance(policy.network, DecisionTransformer) else 1
    for _ in range(context + WARM_UP):
        call()
    return call


def _seconds(call: Callable[[], None], device: torch.device) -> float:
    _settle(device)
    begin = time.perf_counter()
    for _ in range(CALLS):
        call()
    _settle(device)
    return time.perf_counter() - begin


def _settle(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@contextmanager
def _torch_threads(threads: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
