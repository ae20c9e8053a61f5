"""What checks of records have in common."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.conversion.checking import failure, in_order, opened
from gold_data.errors import OutputError, SimulatorError


class _Shuffled:
    """A runner whose tasks are done in any order."""

    workers = 1

    def __init__(self, order: Sequence[int]) -> None:
        self._order = order

    def run(self, function: Callable[..., Any], tasks: Sequence[Any], report: Any) -> Iterator[tuple[int, Any]]:
        for number in self._order:
            yield number, function(tasks[number], report)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(6)))
def test_rows_come_in_the_order_of_their_tasks(order: list[int]) -> None:
    rows = in_order(_Shuffled(order), lambda task, report: (task,) * task, range(6), lambda event: None)
    assert list(rows) == [task for task in range(6) for _ in range(task)]


def test_rows_come_as_soon_as_they_can() -> None:
    done: list[int] = []

    def task(number: int, report: Callable[[str], None]) -> tuple[int, ...]:
        done.append(number)
        return (number,)

    rows = in_order(_Shuffled([1, 0, 2]), task, range(3), lambda event: None)
    assert (next(rows), done) == (0, [1, 0])
    assert (next(rows), done) == (1, [1, 0])
    assert (next(rows), done) == (2, [1, 0, 2])


def test_a_failure_says_what_it_was_and_logs_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert failure(SimulatorError("timeout", 3, "/a/path"), "0a", "7") == "simulator_error: timeout at step 3"
        assert failure(SimulatorError("E", None, "x"), "0a", "7") == "simulator_error: E before the first step"
    assert "/a/path" in caplog.text


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with opened(tmp_path / "rows") as file:
        file.write("x")
    with pytest.raises(OutputError, match="cannot be written"):
        opened(tmp_path / "missing" / "rows")
