"""A replay held against its record, in plain arrays: what is found, and what is exempt for which reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.replay.fidelity import (
    MAX_HEADING_ERROR,
    MAX_POSITION_ERROR,
    MIN_STATIC_STEPS,
    NOT_COMPARED,
    REASONS,
    Breach,
    Exempt,
    Fault,
    Fidelity,
    Pose,
    Reason,
    Recorded,
    compare,
)

STEPS = 30
IDS = ("ego", "car", "walker")


def _recorded(kinds: tuple[str, ...] = ("VEHICLE", "VEHICLE", "PEDESTRIAN")) -> Recorded:
    ids = IDS[: len(kinds)]
    along = np.arange(STEPS, dtype=np.float64)
    position = np.stack([np.column_stack([along + 3 * row, np.full(STEPS, 5.0 * row)]) for row in range(len(ids))])
    heading = np.tile(np.linspace(2.0, 17.0, STEPS), (len(ids), 1))
    return Recorded(ids, kinds, 0, position, heading, np.ones((len(ids), STEPS), bool))


def _replayed(recorded: Recorded) -> list[dict[str, Pose]]:
    """What a faultless replay shows; headings are wrapped, as an engine gives them."""
    return [
        {name: _pose(recorded, row, step) for row, name in enumerate(recorded.ids) if recorded.valid[row, step]}
        for step in range(STEPS)
    ]


def _pose(recorded: Recorded, row: int, step: int) -> Pose:
    x, y = recorded.position[row, step].tolist()
    return x, y, _wrapped(recorded.heading[row, step])


def _wrapped(heading: float) -> float:
    return float((heading + np.pi) % (2 * np.pi) - np.pi)


def _with_gap(recorded: Recorded, row: int, gap: slice) -> Recorded:
    valid = recorded.valid.copy()
    valid[row, gap] = False
    return replace(recorded, valid=valid)


def test_a_faultless_replay() -> None:
    recorded = _with_gap(_recorded(), 2, slice(4, 9))
    fidelity = compare(recorded, _replayed(recorded))
    assert (fidelity.objects, fidelity.steps) == (3, 3 * STEPS - 5)
    assert fidelity.position_error == 0.0
    assert fidelity.heading_error < 1e-12
    assert (fidelity.breaches, fidelity.exempt) == ((), ())


@settings(max_examples=60, deadline=None)
@given(
    step=st.integers(0, STEPS - 1),
    row=st.integers(0, 2),
    share=st.floats(0.0, 3.0).filter(lambda share: abs(share - 1) > 1e-6),
    turned=st.booleans(),
    course=st.floats(0.0, 6.28),
)
def test_what_is_off_by_more_than_the_limit_is_found(
    step: int, row: int, share: float, turned: bool, course: float
) -> None:
    recorded = _recorded()
    replayed = _replayed(recorded)
    x, y, heading = replayed[step][IDS[row]]
    if turned:
        replayed[step][IDS[row]] = x, y, _wrapped(heading + share * MAX_HEADING_ERROR * (1 if course > 3 else -1))
    else:
        off = share * MAX_POSITION_ERROR
        replayed[step][IDS[row]] = x + off * np.cos(course), y + off * np.sin(course), heading
    fidelity = compare(recorded, replayed)
    largest = fidelity.heading_error / MAX_HEADING_ERROR if turned else fidelity.position_error / MAX_POSITION_ERROR
    assert largest == pytest.approx(share, abs=1e-6)
    assert [(b.object, b.fault, b.step, b.steps) for b in fidelity.breaches] == (
        [(IDS[row], Fault.DEVIATES, step, 1)] if share > 1 else []
    )
    assert fidelity.steps == 3 * STEPS


def test_a_breach_has_its_worst_step_and_its_largest_errors() -> None:
    recorded = _recorded()
    replayed = _replayed(recorded)
    for step, off, turn in ((3, 0.002, 0.0), (7, 0.0, 0.02), (9, 0.005, 0.0)):
        x, y, heading = replayed[step]["car"]
        replayed[step]["car"] = x + off, y, _wrapped(heading + turn)
    (breach,) = compare(recorded, replayed).breaches
    assert (breach.object, breach.fault, breach.step, breach.steps) == ("car", Fault.DEVIATES, 7, 3)
    assert breach.position_error == pytest.approx(0.005)
    assert breach.heading_error == pytest.approx(0.02)


def test_who_is_missing_and_who_should_not_be_there() -> None:
    recorded = _with_gap(_recorded(), 2, slice(10, 20))
    replayed = _replayed(recorded)
    for step in (5, 6):
        del replayed[step]["car"]
    for step in (10, 11, 12):  # the walker is kept beyond its last step
        replayed[step]["walker"] = (0.0, 0.0, 0.0)
        replayed[step]["someone"] = (0.0, 0.0, 0.0)
    fidelity = compare(recorded, replayed)
    assert fidelity.breaches == (
        Breach("car", Fault.MISSING, 5, 2),
        Breach("walker", Fault.UNEXPECTED, 10, 3),
        Breach("someone", Fault.UNEXPECTED, 10, 3),
    )
    assert fidelity.steps == 3 * STEPS - 10 - 2
    assert fidelity.exempt == ()


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("of_record", [True, False])
def test_a_number_that_is_none_is_a_breach(number: float, of_record: bool) -> None:
    recorded = _recorded()
    replayed = _replayed(recorded)
    if of_record:
        recorded.position[1, 4, 0] = number
    else:
        replayed[4]["car"] = (0.0, number, 0.0)
    fidelity = compare(recorded, replayed)
    assert fidelity.position_error == np.inf
    assert [(b.object, b.step, b.steps, b.position_error) for b in fidelity.breaches] == [("car", 4, 1, None)]


def test_nobody_is_missed_whose_type_is_not_spawned() -> None:
    recorded = _recorded(("VEHICLE", "OTHER"))
    fidelity = compare(recorded, [{"ego": poses["ego"]} for poses in _replayed(recorded)])
    assert fidelity == Fidelity(1, STEPS, 0.0, fidelity.heading_error, (), (Exempt("car", Reason.TYPE, STEPS),))


@pytest.mark.parametrize("kind", ["TRAFFIC_CONE", "TRAFFIC_BARRIER", "VEHICLE"])
@pytest.mark.parametrize("steps", [MIN_STATIC_STEPS - 1, MIN_STATIC_STEPS])
def test_noise_is_a_cone_or_barrier_of_few_steps(kind: str, steps: int) -> None:
    recorded = _with_gap(_recorded(("VEHICLE", kind)), 1, slice(steps, None))
    fidelity = compare(recorded, [{"ego": poses["ego"]} for poses in _replayed(recorded)])
    if steps < MIN_STATIC_STEPS and kind != "VEHICLE":
        assert (fidelity.exempt, fidelity.breaches) == ((Exempt("car", Reason.NOISE, steps),), ())
    else:
        assert (fidelity.exempt, fidelity.breaches) == ((), (Breach("car", Fault.MISSING, 0, steps),))


@pytest.mark.parametrize("kind", ["TRAFFIC_CONE", "VEHICLE"])
def test_a_cone_may_stay_where_it_was_first_seen_and_nothing_else_may(kind: str) -> None:
    recorded = _with_gap(_recorded(("VEHICLE", kind)), 1, slice(25, None))  # it is recorded to drift by 1 m a step
    stays = [{**poses, "car": _replayed(recorded)[0]["car"]} for poses in _replayed(recorded)]
    fidelity = compare(recorded, stays)
    if kind == "TRAFFIC_CONE":
        assert (fidelity.exempt, fidelity.breaches) == ((Exempt("car", Reason.STATIC, STEPS - 1),), ())
        assert fidelity.steps == STEPS + 1
    else:
        assert fidelity.exempt == ()
        assert [(b.fault, b.steps) for b in fidelity.breaches] == [(Fault.DEVIATES, 24), (Fault.UNEXPECTED, 5)]


def test_a_cone_that_is_put_elsewhere_is_a_breach() -> None:
    recorded = _recorded(("VEHICLE", "TRAFFIC_CONE"))
    recorded.position[1] = recorded.position[1, 0]
    recorded.heading[1] = 0.0
    replayed = _replayed(recorded)
    off = [{**poses, "car": (poses["car"][0] + 0.1, *poses["car"][1:])} for poses in replayed]
    assert [(b.step, b.steps) for b in compare(recorded, replayed[:1] + off[1:]).breaches] == [(1, STEPS - 1)]
    assert [(b.step, b.steps) for b in compare(recorded, off[:1] + replayed[1:]).breaches] == [(0, 1)]
    everywhere = compare(recorded, off)  # first seen in the wrong place: it may not be excused by staying there
    assert [(b.fault, b.step, b.steps) for b in everywhere.breaches] == [(Fault.DEVIATES, 0, STEPS)]


def test_an_ego_may_stay_where_its_record_has_a_gap() -> None:
    whole = _recorded()
    recorded = _with_gap(whole, 0, slice(8, 12))
    fidelity = compare(recorded, _replayed(whole))
    assert (fidelity.exempt, fidelity.breaches) == ((Exempt("ego", Reason.EGO_STAYS, 4),), ())


def test_nothing_there_at_all() -> None:
    recorded = _with_gap(_recorded(("VEHICLE",)), 0, slice(0, None))
    assert compare(recorded, [{} for _ in range(STEPS)]) == Fidelity(0, 0, 0.0, 0.0, (), ())


def test_every_reason_is_put_in_words() -> None:
    assert set(REASONS) == set(Reason)
    assert all(REASONS.values())
    assert all(NOT_COMPARED)
