"""Isolation: each fault costs its own item, is named, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from isolated_functions import Done, Task, before_the_first_step, square, unsendable
from replay_material import environment_of_a_child, standing, straight

from gold_data.errors import SimulatorError
from gold_data.replay import ContactOnLog, DriveJob, Isolated, Tracked, drive_job
from gold_data.settings import ConvertSettings

FAULTS = {
    "kill": ("died by SIGKILL", "ended in mid-drive"),
    "segfault": ("died by SIGSEGV", "ended in mid-drive"),
    "exit": ("died by exit code 3", "ended in mid-drive"),
    "quit": ("died by exit code 4", "ended in mid-drive"),
    "raise": ("ValueError", "a bad scene"),
    "hang": ("timeout", "within 2 s"),
}


@pytest.fixture
def isolated() -> Iterator[Isolated[Task, Done]]:
    with Isolated(square, time_limit=2.0) as calls:
        calls(Task(1))  # the first call starts the server, which imports MetaDrive: not within the limit of a test
        yield calls


def _expected(number: int) -> float:
    return float(number) ** 6


def _gone(pid: int, within: float = 5.0) -> bool:
    """Whether a process ends; one that its parent has not fetched yet counts as ended."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_each_fault_costs_its_own_item_and_no_other(isolated: Isolated[Task, Done]) -> None:
    tasks: list[Task] = [Task(2), Task(3)]
    for number, fault in enumerate(FAULTS):
        tasks += [Task(10 + number, fault), Task(20 + number), Task(30 + number)]  # type: ignore[arg-type]
    undisturbed = {task.number: _expected(task.number) for task in tasks}
    results: dict[int, Done] = {}
    errors: dict[str, SimulatorError] = {}
    for task in tasks:
        try:
            results[task.number] = isolated(task)
        except SimulatorError as error:
            errors[task.fault] = error
    assert set(errors) == set(FAULTS)
    for fault, (kind, text) in FAULTS.items():
        assert errors[fault].kind == kind
        assert errors[fault].step == 3
        assert text in str(errors[fault])
    assert set(results) == {task.number for task in tasks if task.fault == "none"}
    for number, done in results.items():
        assert done.values[-1] == undisturbed[number]


@pytest.mark.parametrize("fault", ["kill", "raise"])
def test_a_fault_before_the_first_step_has_no_step(fault: str) -> None:
    with Isolated(before_the_first_step) as calls:
        with pytest.raises(SimulatorError) as caught:
            calls(Task(2, fault))  # type: ignore[arg-type]
        assert caught.value.step is None
        assert calls(Task(3)).values[-1] == _expected(3)


def test_the_step_of_an_earlier_item_is_not_kept(isolated: Isolated[Task, Done]) -> None:
    isolated(Task(2))
    with Isolated(before_the_first_step) as calls:
        calls(Task(2))
        with pytest.raises(SimulatorError) as caught:
            calls(Task(2, "raise"))
    assert caught.value.step is None


def test_a_result_that_cannot_be_sent_is_an_error_of_that_item() -> None:
    with Isolated(unsendable) as calls:
        for _ in range(2):
            with pytest.raises(SimulatorError):
                calls(Task(2))


def test_the_child_has_imported_what_the_server_preloads(isolated: Isolated[Task, Done]) -> None:
    done = isolated(Task(2))
    assert done.modules == {"metadrive", "shapely", "gold_data.replay.preload"}
    assert (done.threads, done.server_threads) == (1, 1)
    assert done.pid == isolated.pid != os.getpid()


def test_a_child_lives_for_so_many_items() -> None:
    with Isolated(square, lives=3) as calls:
        pids = [calls(Task(2)).pid for _ in range(7)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]


def test_after_an_exception_a_new_child_goes_on(isolated: Isolated[Task, Done]) -> None:
    first = isolated(Task(2)).pid
    with pytest.raises(SimulatorError):
        isolated(Task(2, "raise"))
    assert isolated(Task(2)).pid != first
    assert _gone(first)


def test_closing_leaves_no_child(isolated: Isolated[Task, Done]) -> None:
    pid = isolated(Task(2)).pid
    isolated.close()
    assert isolated.pid is None
    assert _gone(pid)
    isolated.close()
    assert isolated(Task(3)).values[-1] == _expected(3)  # a closed one may be used again


@pytest.mark.parametrize("leave", [KeyboardInterrupt, RuntimeError])
def test_leaving_the_block_by_an_exception_leaves_no_child(leave: type[BaseException]) -> None:
    calls = Isolated(square)

    def left_early() -> None:
        with calls:
            pids.append(calls(Task(2)).pid)
            raise leave

    pids: list[int] = []
    with pytest.raises(leave):
        left_early()
    assert _gone(pids[0])


def test_a_hanging_child_is_gone_after_its_time(isolated: Isolated[Task, Done]) -> None:
    pid = isolated(Task(2)).pid
    began = time.monotonic()
    with pytest.raises(SimulatorError):
        isolated(Task(2, "hang"))
    assert time.monotonic() - began < 4
    assert _gone(pid, within=1)


PARENT = """
import sys
from isolated_functions import Task, square
from gold_data.replay import ContactOnLog, DriveJob, Isolated, Tracked, drive_job
with Isolated(square) as calls:
    calls(Task(2))
    print(calls.pid, flush=True)
    calls(Task(2, "hang"))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_when_its_parent_is_killed_a_hanging_child_and_its_server_go_too(how: signal.Signals) -> None:
    command, environment = [sys.executable, "-c", PARENT], environment_of_a_child()
    parent = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    family = {process.pid for process in psutil.Process(parent.pid).children(recursive=True)}
    assert child in family
    assert len(family) >= 2, "a server and a child"
    time.sleep(0.2)  # the child hangs by then
    parent.send_signal(how)
    parent.wait(10)
    parent.stdout.close()
    assert {pid for pid in family if not _gone(pid)} == set()


def _drive(calls: Callable[[DriveJob], Tracked | ContactOnLog], name: str) -> bytes:
    speeds = np.full(30, {"slow": 5.0, "fast": 12.0}[name])
    description = straight(speeds, others={"parked": standing("VEHICLE", 12.0, 4.0, 30)})
    driven = calls(DriveJob(description, "ego", ConvertSettings()))
    assert isinstance(driven, Tracked)
    tracked = driven.rollout
    return tracked.observations.tobytes() + tracked.actions.tobytes() + tracked.ego_state.tobytes()


def test_a_drive_in_a_child_gives_the_bytes_of_one_here() -> None:
    with Isolated(drive_job) as calls:
        there = [_drive(calls, name) for name in ("slow", "fast", "slow")]
    here = [_drive(lambda job: drive_job(job, lambda step: None), name) for name in ("slow", "fast", "slow")]
    assert there == here


def test_the_step_of_a_drive_that_metadrive_refuses_is_none() -> None:
    description = straight(np.full(30, 5.0))
    description["tracks"]["ego"]["type"] = "NO SUCH TYPE"
    with Isolated(drive_job) as calls:
        with pytest.raises(SimulatorError) as caught:
            calls(DriveJob(description, "ego", ConvertSettings()))
        assert (caught.value.kind, caught.value.step) == ("AssertionError", None)
        assert _drive(calls, "slow")


def test_a_child_that_cannot_be_started_fails_each_call_and_hangs_none() -> None:
    with Isolated[Task, Task](lambda task, on_step: task, time_limit=1.0) as calls:
        for _ in range(2):
            with pytest.raises(Exception, match="pickle"):
                calls(Task(2))
    assert calls.pid is None


def test_children_may_be_started_from_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    for name in names:
        monkeypatch.delenv(name, raising=False)

    def start_one_after_the_other(number: int) -> list[float]:
        with Isolated(square, lives=1) as calls:
            return [float(calls(Task(number)).values[-1]) for _ in range(12)]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(start_one_after_the_other, range(4)))
    assert found == [[_expected(number)] * 12 for number in range(4)]
    assert not set(names) & set(os.environ)


def test_a_script_without_a_guard_is_told_so_and_loses_no_scenario(tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(
        "from isolated_functions import Task, square\n"
        "from gold_data.replay import Isolated\n"
        "with Isolated(square) as calls:\n"
        "    print(calls(Task(3)).values)\n"
    )
    done = subprocess.run(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert (
        done.stderr.rstrip().splitlines()[-1].startswith("gold_data.errors.MachineError: the simulator's process does")
    )
    assert "__name__ == '__main__'" in done.stderr
