"""Durations as text."""

from __future__ import annotations

import pytest
from rich.console import Console

from pipelines.table import duration, table_of
from pipelines.workplace import Made


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (59.94, "59.9 s"), (59.96, "0:01:00"), (3723.4, "1:02:03")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_sum_adds_time_and_size_and_takes_the_largest_memory() -> None:
    one = Made.model_validate(
        {
            "stage": "a",
            "written": "",
            "command": (),
            "exit_code": 3,
            "began": "",
            "wall_seconds": 40,
            "cpu_seconds": 10,
            "peak_rss_bytes": 5_000_000,
            "size_bytes": 1_500,
            "gold_data": "0",
        }
    )
    console = Console(width=100)
    with console.capture() as capture:
        console.print(table_of([one, one]))
    lines = [line.split() for line in capture.get().splitlines()]
    assert lines[1] == ["a", "3", "40.0", "s", "10.0", "s", "5.0", "MB", "1.5", "kB"]
    assert lines[-1] == ["all", "0:01:20", "20.0", "s", "5.0", "MB", "3.0", "kB"]
