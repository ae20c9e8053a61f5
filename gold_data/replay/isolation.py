"""One scenario at a time in a child process, so that a crash or a hang costs that scenario and no other.

The child is forked from a clean server that has imported everything and frozen it (preload.py), and drives up to
`lives` scenarios, each in a fresh engine. The parent sends one item, waits no longer than the time limit, and so knows
which one it was that killed the child. concurrent.futures' process pool can do neither: with a limit of tasks a child
it hangs on Python 3.11 (cpython 115634), and it does not say which item broke it.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from gold_data.errors import MachineError, SimulatorError
from gold_data.replay.machine import check_machine

Item = TypeVar("Item")
Result = TypeVar("Result")

PRELOAD = "gold_data.replay.preload"
READY = "ready"
START_LIMIT = 120.0
"""Seconds that the fork server may take to import everything, and the child to begin."""

_starting = threading.Lock()
"""Held while a child is started: the environment that it is started in is the whole process's."""


class Isolated(Generic[Item, Result]):
    """Calls `function(item, on_step)` in a child process; use it as a context manager.

    `function` must be importable; it calls `on_step(k)` as it begins step k, so that a crash has a step.
    """

    def __init__(
        self, function: Callable[[Item, Callable[[int], None]], Result], time_limit: float = 300.0, lives: int = 50
    ) -> None:
        check_machine()
        self._function, self._time_limit, self._lives = function, time_limit, lives
        # Dask's own workers are daemons unless told otherwise, and a daemon may have no children.
        multiprocessing.process.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([PRELOAD])
        self._step = self._context.RawValue("i", -1)
        self._child: Any = None
        self._pipe: Connection | None = None
        self._driven = 0

    def __enter__(self) -> Isolated[Item, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the child, if there is one."""
        return None if self._child is None else self._child.pid

    def __call__(self, item: Item) -> Result:
        """The function's result; raises SimulatorError where it raised, died or ran out of time."""
        pipe = self._alive()
        self._step.value = -1
        try:
            pipe.send(item)
            if not pipe.poll(self._time_limit):
                self._kill()
                raise self._error("timeout", f"no result within {self._time_limit:.0f} s")
            outcome, value = pipe.recv()
        except (EOFError, OSError):
            self._child.join()
            code = self._child.exitcode
            self._kill()
            raise self._error(f"died by {_ending(code)}", "the simulator's process ended in mid-drive") from None
        self._driven += 1
        if outcome == "error":
            # A half-made engine is left behind: that child goes no further.
            self._kill()
            raise self._error(*value)
        if self._driven >= self._lives:
            self.close()
        result: Result = value
        return result

    def close(self) -> None:
        """End the child, if there is one."""
        if self._pipe is not None:
            with suppress(OSError):
                self._pipe.send(None)
            self._child.join(5)
        self._kill()

    def _alive(self) -> Connection:
        if self._pipe is None:
            ours, theirs = self._context.Pipe()
            child = self._context.Process(target=_serve, args=(theirs, self._function, self._step), daemon=True)
            with theirs, _starting, _one_thread():
                child.start()
            self._pipe, self._child, self._driven = ours, child, 0
            self._await_start(ours)
        return self._pipe

    def _await_start(self, pipe: Connection) -> None:
        """A child that cannot begin is no scenario's fault, and would else be held against every one."""
        try:
            began = pipe.poll(START_LIMIT) and pipe.recv() == READY
        except (EOFError, OSError):
            began = False
        if not began:
            self._kill()
            raise MachineError(
                "the simulator's process does not start, for the reason printed above; a script that converts needs "
                "its calls under `if __name__ == '__main__':`, since that process imports it."
            )

    def _kill(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._child.kill()
            self._child.join()
            self._child.close()
        self._pipe = self._child = None

    def _error(self, kind: str, detail: str) -> SimulatorError:
        step = self._step.value
        return SimulatorError(kind, step if step >= 0 else None, detail)


@contextmanager
def _one_thread() -> Iterator[None]:
    """The fork server starts with the first child: its linear algebra must start no threads, which fork would lose."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _serve(pipe: Connection, function: Callable[[Any, Callable[[int], None]], Any], step: Any) -> None:
    _die_with_server()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches this process too, and is its parent's to answer
    assert PRELOAD in sys.modules, "the fork server did not preload"
    pipe.send(READY)

    def on_step(number: int) -> None:
        step.value = number

    while (item := _received(pipe)) is not None:
        try:
            message = ("ok", function(item, on_step))
        except Exception as error:
            message = ("error", (type(error).__name__, str(error)))
        try:
            pipe.send(message)
        except OSError:
            break
    os._exit(0)


def _received(pipe: Connection) -> Any:
    try:
        return pipe.recv()
    except EOFError:
        return None


def _die_with_server() -> None:
    """End with the fork server, which ends with its client: nothing is left behind by a worker that is killed."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    # The child inherits the pipe by which the server knows that its client lives, and would keep the server alive.
    alive = forkserver._forkserver._forkserver_alive_fd  # type: ignore[attr-defined]
    with suppress(OSError, TypeError):
        os.close(alive)
    if os.getppid() == 1:
        os._exit(1)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"
