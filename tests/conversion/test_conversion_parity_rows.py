"""Rows of a parity check, as JSON and added up."""

from __future__ import annotations

from parity_material import drive, row, stretch

from gold_data.conversion.parity_rows import COMPARED, FAILED, SHORT, UNUSABLE, ParityRow, ParitySummary
from gold_data.replay.parity import Agreement, Off


def test_a_row_as_json_is_the_same_row() -> None:
    found = row(drive(), drive("random", first_contact=4, before=stretch(4, ego=Off(5, 2, 1, 0.5))))
    assert ParityRow.model_validate_json(found.model_dump_json()) == found


def test_drives_are_added_up_by_kind() -> None:
    summary = ParitySummary()
    summary.add(row(drive(), drive("random", before=stretch(90, ego=Off(10, 4, 3, 0.5)), arrived=(True, False))))
    summary.add(row(drive(), drive("random", before=stretch(50, ego=Off(10, 1, 0, 0.005)), first_contact=50)))
    assert set(summary.drives) == {"tracker", "random"}
    random = summary.drives["random"]
    assert (random.drives, random.steps, random.with_contact) == (2, 180, 1)
    assert (random.arrivals, random.arrivals_before) == (1, 0)
    assert random.before.values["ego"] == Off(20, 5, 3, 0.5)
    assert random.before.contact == Agreement(neither=140)
    everything = summary.all_drives()
    assert (everything.drives, everything.before.contact.frames) == (4, 320)
    assert everything.before.values["ego"] == Off(2020, 5, 3, 0.5)
    assert summary.all_drives().drives == 4  # asking changes nothing
    assert summary.drives["tracker"].drives == 2


def test_errors_are_kept_apart_at_the_first_contact() -> None:
    apart = tuple(step / 100 for step in range(91))
    summary = ParitySummary()
    summary.add(row(drive(position=apart, heading=apart, first_contact=60)))
    kept = summary.drives["tracker"]
    assert dict(kept.position) == {10: [0.1], 30: [0.3]}
    assert dict(kept.heading) == dict(kept.position)
    assert dict(kept.pushed) == {1: [0.61], 3: [0.63], 5: [0.65], 10: [0.7], 20: [0.8]}
    summary.add(row(drive(position=apart, heading=apart)))
    assert kept.position[90] == [0.9]
    assert summary.all_drives().position[10] == [0.1, 0.1]


def test_a_log_replay_has_no_distance() -> None:
    summary = ParitySummary()
    summary.add(row(drive("log", first_contact=3)))
    assert not summary.drives["log"].position
    assert not summary.drives["log"].pushed


def test_what_was_not_compared_is_told_but_for_what_is_short() -> None:
    summary = ParitySummary()
    for outcome in (COMPARED, SHORT, FAILED, UNUSABLE):
        summary.add(row(outcome=outcome, error=None if outcome == COMPARED else f"{outcome}: why"))
    assert summary.outcomes.total() == 4
    assert summary.shown == ["a at byte 0: failed: why", "a at byte 0: unusable: why"]
    many = ParitySummary()
    for number in range(20):
        many.add(row(outcome=FAILED, error=f"failed: {number}"))
    assert len(many.shown) == ParitySummary.SHOWN
