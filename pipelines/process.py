"""One command as a process group: started, passed signals, waited for to its last process, measured."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

PATIENCE = 10.0
"""Seconds that processes may outlive the command that started them, before they are ended."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


@dataclass(frozen=True)
class Ended:
    """How a command ended: 128 + n for signal n, as shells have it; CPU of all its processes, RSS of the largest."""

    exit_code: int
    wall_seconds: float
    cpu_seconds: float
    peak_rss_bytes: int


@dataclass
class Group:
    """The process group of the command that runs, if one does, and the signal that asked the job to stop."""

    leader: int | None = None
    asked: signal.Signals | None = None

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Pass a signal on; who asks again will not wait."""
        again, self.asked = self.asked is not None, signal.Signals(number)
        self.send(signal.SIGKILL if again else self.asked)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to all processes of the command."""
        if self.leader is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.leader, number)


@dataclass
class _Used:
    cpu_seconds: float = 0.0
    peak_rss_bytes: int = 0
    codes: dict[int, int] = field(default_factory=dict)

    def wait(self, options: int = 0) -> int:
        """Wait for a child and add what it used, with its own children; its process id, 0 where none has ended."""
        process, status, usage = os.wait4(-1, options)
        if process:
            self.codes[process] = os.waitstatus_to_exitcode(status)
            self.cpu_seconds += usage.ru_utime + usage.ru_stime
            self.peak_rss_bytes = max(self.peak_rss_bytes, usage.ru_maxrss * 1024)
        return process


@contextmanager
def signals_passed_on() -> Iterator[Group]:
    """Pass SIGINT, SIGTERM and SIGHUP on to the command that runs, instead of ending here and leaving it alone."""
    group = Group()
    before = {number: signal.signal(number, group.stop) for number in _SIGNALS}
    try:
        yield group
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ended (Linux's "child subreaper", see prctl(2)).

    They would go to init, and what they used would be counted nowhere: the simulator's processes are such.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def run_measured(program: str, command: list[str], environment: Mapping[str, str], group: Group) -> Ended:
    """Run a command to the end of all its processes; all children of this process are taken for them.

    `program` is the path of what is executed. Processes that outlive the first one by PATIENCE are ended.
    """
    sys.stdout.flush()
    began, used = time.monotonic(), _Used()
    group.leader = leader = os.posix_spawn(program, command, environment, setsid=True, setsigdef=[signal.SIGPIPE])
    if group.asked is not None:
        group.send(group.asked)
    while leader not in used.codes:
        used.wait()
    with suppress(ChildProcessError):  # none is left
        _wait_for_all(used, PATIENCE)
        group.send(signal.SIGKILL)
        _wait_for_all(used, PATIENCE)
    group.leader = None
    code = used.codes[leader]
    code = 128 - code if code < 0 else code
    return Ended(code, time.monotonic() - began, used.cpu_seconds, used.peak_rss_bytes)


def _wait_for_all(used: _Used, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not used.wait(os.WNOHANG):
            time.sleep(0.02)
