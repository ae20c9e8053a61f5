import numpy as np
import pytest

from gold_data.synth.drives import make_scenario
from gold_data.synth.predictions import MOST, choose_interesting, choose_predicted
from gold_data.womd.messages import STATE, Track

STEPS, CURRENT = 91, 10


def track(id: int, speed: float, y: float = 0.0, *, first: int = 0, last: int = STEPS, turn: float = 0.0) -> Track:
    states = np.zeros(STEPS, STATE)
    time = np.arange(STEPS) * 0.1
    states["center_x"], states["center_y"] = speed * time, y + turn * time**2
    states["velocity_x"], states["velocity_y"] = speed, 2 * turn * time
    states["valid"][first:last] = True
    return Track(id, 1, states)


SDC = track(99, 10.0, 50.0)


def test_the_liveliest_are_asked_for_and_those_of_interest_before_them() -> None:
    tracks = (*(track(id, float(id), 20.0 * id) for id in range(1, 12)), SDC)
    asked = choose_predicted(tracks, CURRENT, (2, 3))
    assert len(asked) == MOST
    assert [tracks[required.track_index].id for required in asked] == [3, 2, 11, 10, 9, 8, 7, 6]


@pytest.mark.parametrize(
    "unfit", [track(1, 8.0, first=11), track(1, 8.0, last=40), track(1, 0.1), track(1, 8.0, first=0, last=10)]
)
def test_one_who_is_not_there_or_does_not_move_is_not_asked_for(unfit: Track) -> None:
    assert choose_predicted((unfit, SDC), CURRENT, ()) == ()
    assert len(choose_predicted((track(1, 8.0), SDC), CURRENT, ())) == 1


def test_harder_is_what_going_on_as_before_misses() -> None:
    tracks = (track(1, 12.0), track(2, 12.0, 10.0, turn=0.2), track(3, 12.0, 90.0, turn=1.5), SDC)
    asked = {tracks[required.track_index].id: required.difficulty for required in choose_predicted(tracks, CURRENT, ())}
    assert asked == {1: 0, 2: 1, 3: 2}


def test_the_two_who_come_nearest_each_other_are_of_interest() -> None:
    tracks = (track(1, 8.0), track(2, 8.0, 6.0), track(3, 8.0, 9.0), SDC)
    assert choose_interesting(tracks, CURRENT) == (2, 3)
    assert choose_interesting((track(1, 8.0), track(2, 8.0, 30.0), SDC), CURRENT) == ()


def test_made_up_scenarios_have_what_womds_have() -> None:
    asked, interesting, difficulties = [], 0, set()
    for index in range(25):
        scenario = make_scenario(3, index)
        asked.append(len(scenario.tracks_to_predict))
        interesting += len(scenario.objects_of_interest) == 2
        difficulties |= {required.difficulty for required in scenario.tracks_to_predict}
        indices = [required.track_index for required in scenario.tracks_to_predict]
        assert len(set(indices)) == len(indices) <= MOST
        assert {scenario.tracks[index].object_type for index in indices} <= {1, 2, 3}
        assert all(scenario.tracks[index].states["valid"][scenario.current_time_index] for index in indices)
        assert set(scenario.objects_of_interest) <= {scenario.tracks[index].id for index in indices}
    assert 3 <= np.median(asked) <= 7
    assert 3 < interesting < 24
    assert difficulties == {0, 1, 2}
