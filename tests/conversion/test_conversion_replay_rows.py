from __future__ import annotations

import io
import json
import math

import pytest
from rich.console import Console

from gold_data.conversion.replay_rows import BREACH, FAILED, FAITHFUL, UNUSABLE, ReplayRow, ReplaySummary
from gold_data.conversion.replay_table import replay_table
from gold_data.replay.fidelity import REASONS, Breach, Exempt, Fault, Fidelity, Reason

GOOD = Fidelity(3, 90, 1e-6, 2e-7, (), (Exempt("9", Reason.TYPE, 30),))
BAD = Fidelity(
    2, 60, math.inf, 0.5, (Breach("4", Fault.DEVIATES, 7, 3, None, 0.5), Breach("5", Fault.MISSING, 1, 2)), ()
)


def _row(fidelity: Fidelity, scenario: str = "0a") -> ReplayRow:
    return ReplayRow.of(fidelity, 0.001, scenario, "src/[a].tfrecord", 16, "7", 0)


def _error(outcome: str, error: str) -> ReplayRow:
    return ReplayRow(outcome=outcome, scenario="", source="src/[a].tfrecord", offset=32, error=error)


def test_a_row_is_one_line_of_json() -> None:
    line = _row(BAD).model_dump_json()
    assert "\n" not in line
    assert json.loads(line) == {
        "outcome": "breach",
        "scenario": "0a",
        "source": "src/[a].tfrecord",
        "offset": 16,
        "ego": "7",
        "first": 0,
        "objects": 2,
        "steps": 60,
        "position_error": None,
        "heading_error": 0.5,
        "rounding": 0.001,
        "breaches": [
            {"object": "4", "fault": "deviates", "step": 7, "steps": 3, "position_error": None, "heading_error": 0.5},
            {"object": "5", "fault": "missing", "step": 1, "steps": 2, "position_error": None, "heading_error": None},
        ],
        "exceptions": [],
        "error": None,
    }
    assert json.loads(_row(GOOD).model_dump_json())["exceptions"] == [{"object": "9", "reason": "type", "steps": 30}]
    assert ReplayRow.model_validate_json(line) == _row(BAD)


def test_what_all_rows_come_to() -> None:
    summary = ReplaySummary()
    for row in (_row(GOOD), _row(GOOD, "0b"), _row(BAD, "0c"), _error(UNUSABLE, "damaged: x"), _error(FAILED, "y")):
        summary.add(row)
    assert summary.outcomes == {FAITHFUL: 2, BREACH: 1, UNUSABLE: 1, FAILED: 1}
    assert (summary.objects, summary.steps) == (8, 240)
    assert summary.worst_position == (math.inf, "0c")
    assert summary.worst_heading == (0.5, "0c")
    assert summary.rounding == 0.001
    assert summary.faults == {
        (Fault.DEVIATES, "objects"): 1,
        (Fault.DEVIATES, "steps"): 3,
        (Fault.MISSING, "objects"): 1,
        (Fault.MISSING, "steps"): 2,
    }
    assert summary.reasons == {(Reason.TYPE, "objects"): 2, (Reason.TYPE, "steps"): 60}
    assert summary.shown == [
        "src/[a].tfrecord at byte 16, scenario 0c, object 4 deviates at 3 steps, step 7",
        "src/[a].tfrecord at byte 16, scenario 0c, object 5 missing at 2 steps, step 1",
        "src/[a].tfrecord at byte 32: damaged: x",
        "src/[a].tfrecord at byte 32: y",
    ]


@pytest.mark.parametrize(
    ("row", "found"),
    [(_row(GOOD), False), (_row(BAD), True), (_error(FAILED, "x"), True), (_error(UNUSABLE, "x"), False)],
)
def test_whether_something_was_found(row: ReplayRow, found: bool) -> None:
    summary = ReplaySummary()
    summary.add(row)
    assert summary.found_something is found


def test_it_stays_small_however_much_is_wrong() -> None:
    summary = ReplaySummary()
    for _ in range(100):
        summary.add(_row(BAD))
    assert len(summary.shown) == ReplaySummary.SHOWN
    assert summary.faults[Fault.MISSING, "steps"] == 200


def test_the_table_says_it_all_in_80_columns() -> None:
    summary = ReplaySummary()
    for row in (_row(GOOD), _row(BAD), _error(UNUSABLE, "damaged: x")):
        summary.add(row)
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(replay_table(summary), crop=False)
    text = " ".join(console.export_text().split())
    assert "replays 3" in text
    assert "faithful 1" in text
    assert "breach 1" in text
    assert "unusable 1" in text
    assert "their steps 150" in text
    assert "largest position error (limit 0.001 m) inf m" in text
    assert "largest heading error (limit 0.0001 rad) 5.00e-01 rad" in text
    assert "float32 of ScenarioNet's format beside the record up to 1.00e-03 m" in text
    assert "breach: deviates 1 objects" in text
    assert f"type: {REASONS[Reason.TYPE]} (1 objects, 30 steps)" in text
    assert REASONS[Reason.NOISE] not in text
    assert "src/[a].tfrecord at byte 16, scenario 0a, object 4 deviates at 3 steps, step 7" in text
    assert "not compared: height" in text
