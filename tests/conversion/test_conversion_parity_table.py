"""The tables of a parity check: all that was found, in 80 columns."""

from __future__ import annotations

import io

from parity_material import drive, row, stretch
from rich.console import Console

from gold_data.conversion.parity_limits import AFTER, BEFORE
from gold_data.conversion.parity_rows import FAILED, ParitySummary
from gold_data.conversion.parity_table import parity_table
from gold_data.replay.both_engines import DRIVES
from gold_data.replay.parity import Off


def _printed(summary: ParitySummary) -> str:
    out = io.StringIO()
    Console(file=out, width=80).print(parity_table(summary), crop=False)
    return out.getvalue()


def test_all_of_it_in_80_columns() -> None:
    summary = ParitySummary()
    far = tuple(0.001234 * step for step in range(91))
    for _ in range(1200):
        summary.add(row(*(drive(kind, position=far, heading=far, arrived=(True, False)) for kind in DRIVES)))
    touching = {"first_contact": 40, "after": stretch(50, lidar=Off(123456, 7890, 345, 0.98)), "position": far}
    summary.add(row(*(drive(kind, before=stretch(40, ego=Off(7, 1, 1, 0.3)), **touching) for kind in DRIVES)))
    text = _printed(summary)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in text
    assert lines[0] == "scenarios: 1,201 compared"
    words = " ".join(text.split())
    for limit in (*BEFORE, *AFTER):
        assert limit.name in words
    assert next(line for line in lines if line.startswith("distance, step 90, median")).split()[-1] == "missed"
    assert next(line for line in lines if line.startswith("side > 1e-2")).split()[-1] == "held"
    assert next(line for line in lines if line.startswith("contact + 40, p95")).split()[-2:] == ["99", "held"]


def test_what_failed_is_named_and_nothing_else_is_shown() -> None:
    summary = ParitySummary()
    summary.add(row(outcome=FAILED, error="simulator_error: timeout at step 3"))
    assert _printed(summary).splitlines() == [
        "scenarios: 1 failed",
        "a at byte 0: simulator_error: timeout at step 3",
    ]
