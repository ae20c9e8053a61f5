"""A signal is noted once; the second one does what it did before."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from gold_train.runs.stopping import Stop, StopAskedError


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_noted_and_the_work_goes_on(number: signal.Signals) -> None:
    stop = Stop()
    with stop.listening():
        assert stop.asked is None
        signal.raise_signal(number)
        assert stop.asked == number


def interrupt(number: signal.Signals, times: int = 1) -> None:
    for _ in range(times):
        signal.raise_signal(number)


@pytest.fixture
def python_answers_ctrl_c() -> Iterator[None]:
    """Where the tests were started in the background, the shell has told them to leave it unanswered."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("python_answers_ctrl_c")
def test_the_second_ctrl_c_ends_at_once() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), Stop().listening():
        interrupt(signal.SIGINT, times=2)
    assert signal.getsignal(signal.SIGINT) == before


def test_where_nothing_is_lost_it_ends_at_once() -> None:
    stop, came = Stop(), []
    with stop.listening():
        with pytest.raises(StopAskedError), stop.at_once():
            interrupt(signal.SIGTERM)
        with pytest.raises(StopAskedError), stop.at_once():
            came.append("though a signal had come before")
    assert stop.asked == signal.SIGTERM
    assert came == []


def test_another_thread_hears_none_and_changes_none() -> None:
    before, heard = signal.getsignal(signal.SIGTERM), []

    def work() -> None:
        with Stop().listening():
            heard.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert heard == [before]
