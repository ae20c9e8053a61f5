"""Running many tasks: here, on a Dask cluster of this machine, or on one that is there already.

Only this file knows Dask. A task's result is a small row; arrays go to disk where they are made. While a task runs it
reports events (one word each), which reach the caller as they happen.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from gold_data.conversion.collector import settled_collector
from gold_data.errors import ClusterError, SettingsError

Task = TypeVar("Task")
Row = TypeVar("Row")
Report = Callable[[str], None]

DASK = {
    # The simulator runs in a child of the worker, and a daemon may have none.
    "distributed.worker.daemon": False,
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.allowed-failures": 2,
    "distributed.worker.multiprocessing-method": "spawn",
    "distributed.worker.preload": ["gold_data.conversion.worker"],
}
PATIENCE = 10
"""Seconds to wait for a scheduler that was named."""


class Runner(Protocol):
    """Calls a function on each of many tasks, `workers` of them at a time."""

    @property
    def workers(self) -> int:
        """How many there are, at least 1."""
        ...

    def run(
        self, function: Callable[[Task, Report], Row], tasks: Sequence[Task], report: Report
    ) -> Iterator[tuple[int, Row]]:
        """Number of the task and its row, as they are done; raises what the function raised."""
        ...


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


@contextlib.contextmanager
def runner(workers: int, scheduler: str | None) -> Iterator[Runner]:
    """Workers on this machine (0: this process), or those of the scheduler at an address.

    Raises ClusterError where the scheduler does not answer, SettingsError for fewer than no workers.
    """
    if workers < 0:
        raise SettingsError(f"--workers {workers}: ask for 1 or more, or for 0 to do the work in this process.")
    if scheduler is None and workers == 0:
        with settled_collector():
            yield _Here()
        return
    import dask
    from distributed import Client, LocalCluster

    with dask.config.set(DASK), contextlib.ExitStack() as stack:
        if scheduler is None:
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.ERROR,
            )
            client = stack.enter_context(Client(stack.enter_context(cluster)))
        else:
            try:
                _greet(scheduler)
                client = stack.enter_context(Client(scheduler, timeout=PATIENCE))
            except (OSError, ValueError) as error:
                raise ClusterError(
                    f"--scheduler {scheduler}: no Dask scheduler answers there within {PATIENCE} s; "
                    "start one with `dask scheduler` or leave the option out."
                ) from error
        yield _Cluster(client)


def _greet(address: str) -> None:
    """Raise OSError or ValueError where no scheduler answers; Client would wait for ever for one that stays silent."""
    from distributed.comm import connect
    from distributed.security import Security

    async def shake_hands() -> None:
        async with asyncio.timeout(PATIENCE):
            comm = await connect(address, timeout=PATIENCE, **Security().get_connection_args("client"))
            comm.abort()

    with ThreadPoolExecutor(1) as thread:  # the caller's own may run a loop already, as a notebook's does
        thread.submit(asyncio.run, shake_hands()).result()


class _Here:
    workers = 1

    def run(
        self, function: Callable[[Task, Report], Row], tasks: Sequence[Task], report: Report
    ) -> Iterator[tuple[int, Row]]:
        for number, task in enumerate(tasks):
            yield number, function(task, report)


class _Cluster:
    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def workers(self) -> int:
        return max(len(self._client.scheduler_info(n_workers=-1)["workers"]), 1)

    def run(
        self, function: Callable[[Task, Report], Row], tasks: Sequence[Task], report: Report
    ) -> Iterator[tuple[int, Row]]:
        from distributed import KilledWorker, as_completed

        topic = f"gold-data-{uuid4().hex}"  # other jobs of the same scheduler have their own
        told = [0] * len(tasks)

        def tell(event: tuple[float, tuple[int, int, str]]) -> None:
            number, at, word = event[1]
            if at == told[number]:  # a task whose worker died is done again, and tells again what it had told
                told[number] += 1
                report(word)

        self._client.subscribe_topic(topic, tell)
        futures = {
            self._client.submit(_on_worker, function, task, topic, number, pure=False, retries=0): number
            for number, task in enumerate(tasks)
        }
        try:
            for future in as_completed(futures):
                try:
                    yield futures[future], future.result()
                except KilledWorker as error:
                    raise ClusterError(
                        f"task {futures[future] + 1} of {len(tasks)} killed its worker three times (out of memory?); "
                        "give the workers more memory or use fewer of them."
                    ) from error
        finally:
            self._client.cancel(list(futures))
            self._client.unsubscribe_topic(topic)


def _on_worker(function: Callable[[Task, Report], Row], task: Task, topic: str, number: int) -> Row:
    from distributed import get_worker

    worker, told = get_worker(), count()
    return function(task, lambda event: worker.log_event(topic, (number, next(told), event)))
