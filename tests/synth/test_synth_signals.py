import numpy as np
import pytest

from gold_data.synth.kinds import SignalState
from gold_data.synth.signals import CAUTION_SECONDS, CLEARANCE_SECONDS, as_shown, draw_plan

TIME = np.arange(-100, 200, 0.1)
GROUPS = np.arange(4)


@pytest.mark.parametrize("seed", range(5))
def test_at_most_one_group_may_enter_and_red_comes_between(seed: int) -> None:
    states = draw_plan(np.random.default_rng(seed)).states(GROUPS, TIME[:, None])
    may_enter = states != SignalState.STOP
    assert may_enter.sum(axis=1).max() == 1
    clear = ~may_enter.any(axis=1)
    runs = np.diff(np.flatnonzero(np.diff(clear.astype(int))))[1:-1]
    assert runs.min() * 0.1 == pytest.approx(CLEARANCE_SECONDS, abs=0.15)


@pytest.mark.parametrize("seed", range(5))
def test_each_light_goes_green_yellow_red(seed: int) -> None:
    states = draw_plan(np.random.default_rng(seed)).states(GROUPS, TIME[:, None])
    for column in states.T:
        changes = column[np.flatnonzero(np.diff(column)) + 1]
        order = [SignalState.GO, SignalState.CAUTION, SignalState.STOP]
        first = order.index(changes[0])
        assert [order[(first + step) % 3] for step in range(len(changes))] == changes.tolist()
        at = np.flatnonzero(np.diff(column))
        yellow = np.diff(at)[changes[:-1] == SignalState.CAUTION]
        assert yellow * 0.1 == pytest.approx(CAUTION_SECONDS, abs=0.15)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("seed", range(5))
def test_people_walk_while_the_cars_of_their_arm_have_red(seed: int, axis: int) -> None:
    plan = draw_plan(np.random.default_rng(seed))
    spans = plan.walk(axis, 200.0)
    assert spans[0][1] > 0
    assert spans[-1][0] < 200
    assert len(spans) >= 2
    for start, end in spans:
        assert end - start > 20
        inside = np.arange(start + 0.01, end - 0.01, 0.1)
        assert (plan.states(GROUPS[2 * axis : 2 * axis + 2], inside[:, None]) == SignalState.STOP).all()
        assert (plan.states(GROUPS[2 * axis : 2 * axis + 2], end + 0.05) != SignalState.STOP).any()
    assert spans[1][0] - spans[0][1] < 60


def test_left_turns_have_arrows() -> None:
    states = np.array([SignalState.GO, SignalState.CAUTION, SignalState.STOP])
    arrows = [SignalState.ARROW_GO, SignalState.ARROW_CAUTION, SignalState.ARROW_STOP]
    assert as_shown(states, "left").tolist() == arrows
    assert (as_shown(states, "right") == states).all()
