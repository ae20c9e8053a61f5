from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from gold_data.conversion.progress import tally


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("gold_data.conversion.progress.time.monotonic", lambda: self.now)


def test_plain_lines_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, text = Clock(monkeypatch), io.StringIO()
    with tally("Driving", 200, "scenarios", Console(file=text, width=40)) as count:
        for outcome in ["kept"] * 3 + ["parked"] + ["kept"] * 46:
            clock.now += 0.5
            count.add(outcome)
        clock.now += 75
        count.add("kept")
    lines = text.getvalue().splitlines()
    assert lines[0] == "Driving: 1/200 (0%), 2.0 scenarios/s, 1:40 left"
    assert lines[1] == "Driving: 21/200 (10%), 2.0 scenarios/s, 20 kept, 1 parked, 1:30 left"
    assert lines[-1] == "Driving: 51/200 (26%), 0.5 scenarios/s, 50 kept, 1 parked, 4:52 left"
    assert len(lines) == 4, "one line at the start, then one in ten seconds"


def test_the_last_line_says_all(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, text = Clock(monkeypatch), io.StringIO()
    with tally("Indexing", 2, "files", Console(file=text)) as count:
        for _ in range(2):
            clock.now += 1
            count.add("files")
    assert text.getvalue().splitlines()[-1] == "Indexing: 2/2 (100%), 1.0 files/s, 0:00 left"


def test_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, text = Clock(monkeypatch), io.StringIO()
    with tally("Driving", 487_000, "scenarios", Console(file=text)) as count:
        clock.now += 1
        count.add("kept")
    assert text.getvalue() == "Driving: 1/487000 (0%), 1.0 scenarios/s, 135:16:39 left\n"


def test_nothing_to_do() -> None:
    text = io.StringIO()
    with tally("Driving", 0, "scenarios", Console(file=text)) as count:
        assert count.line() == "Driving: 0/0 (0%), 0.0 scenarios/s"
    assert text.getvalue() == ""


def test_a_bar_on_a_terminal() -> None:
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=160, color_system=None, legacy_windows=False)
    with tally("Driving", 4, "scenarios", console) as count:
        for outcome in ("kept", "parked", "kept"):
            count.add(outcome)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.getvalue())
    last = shown.strip().splitlines()[-1]
    assert "━" in last
    assert "3/4" in last
    assert "scenarios/s, 2 kept, 1 parked" in last
