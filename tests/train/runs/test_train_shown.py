"""Progress in words."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from gold_train.runs.clock import Clock
from gold_train.runs.shown import QUIET, Shown


class Slow(Clock):
    """A clock that is set."""

    now = 0.0

    @property
    def seconds(self) -> float:
        return self.now


def test_a_line_has_share_loss_rate_and_time_left() -> None:
    clock = Slow()
    clock.now = 20.0
    shown = Shown("dt run", "updates", 1_000, 11_000, clock, Console(file=io.StringIO()))
    assert shown.line(1_200, "loss 0.01235") == "1200/11000 (11%), loss 0.01235, 10.0 updates/s, 16:20 left"
    clock.now = 200.0
    assert shown.line(1_020, "loss 0.50000").endswith("0.1 updates/s, 27:43:20 left")


@pytest.mark.parametrize("terminal", [False, True])
def test_plain_lines_come_now_and_then_and_at_the_end(terminal: bool) -> None:
    clock, out = Slow(), io.StringIO()
    with Shown("bc run", "updates", 0, 100, clock, Console(file=out, force_terminal=terminal, width=200)) as shown:
        for step in range(1, 101):
            clock.now += QUIET / 20
            shown.update(step, "loss 0.10000")
        shown.say("done")
    lines = out.getvalue()
    assert "bc run: done" in lines
    if not terminal:
        assert [line.split("/")[0] for line in lines.splitlines()[:-1]] == [
            f"bc run: {step}" for step in (1, 21, 41, 61, 81, 100)
        ]
