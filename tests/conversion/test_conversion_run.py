from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from conversion_tasks import damaged, deadly, dies_once, mistaken, process, slow_double

from gold_data.conversion.run import PATIENCE, Runner, runner
from gold_data.errors import ClusterError, RecordError, SettingsError


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Runner]:
    with runner(2, None) as running:
        yield running


@pytest.fixture(params=["here", "two workers"])
def any_runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    if request.param == "here":
        with runner(0, None) as running:
            yield running
    else:
        yield request.getfixturevalue("two_workers")


def test_every_task_has_its_row(any_runner: Runner) -> None:
    rows = dict(any_runner.run(slow_double, range(5), lambda event: None))
    assert rows == {number: 2 * number for number in range(5)}
    assert list(any_runner.run(slow_double, [], lambda event: None)) == []


def test_events_arrive(any_runner: Runner) -> None:
    told: Counter[str] = Counter()
    for _ in any_runner.run(slow_double, range(4), lambda event: told.update([event])):
        pass
    assert told == {"begun 0": 1, "begun 1": 1, "begun 2": 1, "begun 3": 1, "done": 4}


def test_rows_come_as_they_are_done(two_workers: Runner) -> None:
    order = [number for number, _ in two_workers.run(slow_double, range(4), lambda event: None)]
    assert sorted(order) == [0, 1, 2, 3]
    assert order[0] != 0


def test_work_is_done_here_or_elsewhere(two_workers: Runner) -> None:
    with runner(0, None) as running:
        assert {row for _, row in running.run(process, range(3), lambda event: None)} == {os.getpid()}
    assert os.getpid() not in {row for _, row in two_workers.run(process, range(3), lambda event: None)}


def test_an_error_comes_through_as_it_is(any_runner: Runner) -> None:
    with pytest.raises(RecordError) as caught:
        list(any_runner.run(damaged, range(3), lambda event: None))
    assert (caught.value.source, caught.value.offset, caught.value.reason) == ("training/part-0", 77, "it is torn")
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        list(any_runner.run(mistaken, range(3), lambda event: None))
    assert len(list(any_runner.run(process, range(2), lambda event: None))) == 2


def test_a_task_whose_worker_died_is_done_again_and_told_of_once(tmp_path: Path) -> None:
    told: Counter[str] = Counter()
    with runner(2, None) as running:
        assert running.workers == 2
        tasks = [(tmp_path, number) for number in range(4)]
        rows = dict(running.run(dies_once, tasks, lambda event: told.update([event])))
    assert (tmp_path / "died").exists()
    assert rows == {number: 2 * number for number in range(4)}
    assert told == {"begun 0": 1, "begun 1": 1, "begun 2": 1, "begun 3": 1, "done": 4}


def test_a_task_that_kills_its_workers_is_named() -> None:
    with runner(1, None) as running, pytest.raises(ClusterError, match=r"^task 1 of 1 killed its worker three times"):
        list(running.run(deadly, [0], lambda event: None))


def test_nothing_is_left_of_a_cluster() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with runner(1, None) as running:
        pids = {row for _, row in running.run(process, [0], lambda event: None)}
    assert not any(psutil.pid_exists(pid) for pid in pids)
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    assert all("resource_tracker" in " ".join(child.cmdline()) for child in left)


@pytest.mark.parametrize("workers", [-1, -8])
def test_fewer_than_no_workers_are_refused(workers: int) -> None:
    with pytest.raises(SettingsError, match=f"--workers {workers}"), runner(workers, None):
        pass


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1", "carrier-pigeon://127.0.0.1:8786", "", "silent"])
def test_a_scheduler_that_does_not_answer(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gold_data.conversion.run.PATIENCE", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        named = f"tcp://127.0.0.1:{server.getsockname()[1]}" if address == "silent" else address
        with pytest.raises(ClusterError) as caught, runner(2, named):
            pass
    assert str(caught.value).startswith(f"--scheduler {named}: no Dask scheduler answers there within 1 s; ")


def test_nobody_waits_longer_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PATIENCE == 10
    monkeypatch.setattr("gold_data.conversion.run.PATIENCE", 2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(ClusterError), runner(2, f"127.0.0.1:{port}"):
        pass
    assert time.monotonic() - began < 6
