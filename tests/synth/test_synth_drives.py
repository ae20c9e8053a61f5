from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gold_data.synth.drives import LONGEST_SHIFT, TWENTY_SECONDS, make_scenario, window_shift
from gold_data.womd.messages import Scenario


def _windows(count: int, seed: int = 5) -> list[Scenario]:
    return [make_scenario(seed, index, 91, count) for index in range(count)]


def _ego(scenario: Scenario) -> NDArray[np.float64]:
    states = scenario.tracks[scenario.sdc_track_index].states
    return np.stack([states["center_x"], states["center_y"], states["center_z"]], axis=1)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 300), st.integers(2, 200))
def test_windows_overlap_and_fit_into_a_drive_where_they_can(steps: int, windows: int) -> None:
    shift = window_shift(steps, windows)
    assert 1 <= shift < steps
    assert shift <= LONGEST_SHIFT
    assert shift == 1 or steps + (windows - 1) * shift <= TWENTY_SECONDS


@pytest.mark.parametrize("count", [2, 4])
def test_windows_of_a_drive_are_shifted_and_share_their_map(count: int) -> None:
    scenarios = _windows(count)
    assert len({scenario.scenario_id for scenario in scenarios}) == count
    shift = window_shift(91, count)
    for before, after in pairwise(scenarios):
        assert before.map_features is after.map_features or all(
            one.id == other.id for one, other in zip(before.map_features, after.map_features, strict=True)
        )
        assert (_ego(before)[shift:] == _ego(after)[:-shift]).all()
        assert before.timestamps_seconds[0] == after.timestamps_seconds[0] == 0.0
        tracks = {track.id: track for track in after.tracks}
        shared = [track for track in before.tracks if track.id in tracks]
        assert len(shared) > 3
        for track in shared:
            assert (track.states[shift:] == tracks[track.id].states[:-shift]).all()
        for first, second in zip(before.dynamic_map_states[shift:], after.dynamic_map_states, strict=False):
            assert (first == second).all()


def test_everyone_in_a_window_is_seen_in_it() -> None:
    for scenario in _windows(3):
        assert all(track.states["valid"].any() for track in scenario.tracks)
        assert scenario.sdc_track_index == len(scenario.tracks) - 1


@pytest.mark.parametrize(("steps", "current"), [(2, 1), (11, 10), (91, 10), (198, 10)])
def test_any_number_of_steps(steps: int, current: int) -> None:
    for index in range(2):
        scenario = make_scenario(8, index, steps)
        assert scenario.timestamps_seconds == pytest.approx(np.arange(steps) * 0.1)
        assert scenario.current_time_index == current
        assert {len(track.states) for track in scenario.tracks} == {steps}
        assert len(scenario.dynamic_map_states) == steps
        assert scenario.tracks[scenario.sdc_track_index].states["valid"].all()


def test_the_order_of_calls_does_not_matter() -> None:
    first = make_scenario(5, 1, 91, 2)
    make_scenario(5, 3, 91, 2)
    again = make_scenario(5, 1, 91, 2)
    assert (_ego(first) == _ego(again)).all()
    assert [track.id for track in first.tracks] == [track.id for track in again.tracks]
