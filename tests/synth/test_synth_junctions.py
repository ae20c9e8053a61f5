import numpy as np
import pytest

from gold_data.synth.curves import straight
from gold_data.synth.junctions import Control, End, Junction, build_crossing, build_junction
from gold_data.synth.roads import Road, street


def arms(lanes: int = 2, count: int = 4) -> list[Road]:
    directions = [np.array([np.cos(a), np.sin(a)]) for a in np.arange(count) * np.pi / 2]
    return [
        street(straight(20 * d, 100 * d), lanes, bikes=True, parking=False, speed_limit_mph=30.0) for d in directions
    ]


def junction(control: Control, roads: list[Road]) -> Junction:
    ends = [End(road, True) for road in range(len(roads))]
    return build_junction(0, roads, [ends[0], *ends[2:3], ends[1], *ends[3:]], control)


CONTROLS: list[Control] = ["signals", "all-way stop", "stop", "yield"]


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("lanes", [1, 2, 3])
@pytest.mark.parametrize("count", [3, 4])
def test_connectors_go_from_the_end_of_a_lane_to_the_start_of_another(control: Control, lanes: int, count: int) -> None:
    roads = arms(lanes, count)
    links = junction(control, roads).connectors
    for link in links:
        towards, away = (roads[road].lane_curve(lane) for road, lane in (link.approach, link.departure))
        assert link.curve.points[[0, -1]] == pytest.approx(np.array([towards.points[-1], away.points[0]]))
        assert np.cos(link.curve.headings[0] - towards.headings[-1]) == pytest.approx(1)
        assert np.cos(link.curve.headings[-1] - away.headings[0]) == pytest.approx(1)
        turn = (link.curve.headings[-1] - link.curve.headings[0]) / (np.pi / 2)
        assert turn == pytest.approx({"left": 1, "through": 0, "right": -1}[link.movement])
    ways = {(link.approach[0], link.departure[0]) for link in links}
    assert ways == {(a, b) for a in range(count) for b in range(count) if a != b}


def test_who_goes_first() -> None:
    roads = arms()
    assert {(link.precedence, link.stops) for link in junction("all-way stop", roads).connectors} == {(0, True)}
    controls: list[tuple[Control, bool]] = [("stop", True), ("yield", False)]
    for control, halts in controls:
        for link in junction(control, roads).connectors:
            main = link.approach[0] % 2 == 0
            assert link.stops == (halts and not main)
            assert link.precedence == ((1 if link.movement == "left" else 2) if main else 0)
            assert link.group is None


def test_groups_of_lights_follow_the_axes() -> None:
    for link in junction("signals", arms()).connectors:
        assert link.group == 2 * (link.approach[0] % 2) + (link.movement != "left")


@pytest.mark.parametrize(("control", "signs"), [("signals", 0), ("all-way stop", 4), ("stop", 2), ("yield", 0)])
def test_stop_signs_stand_on_the_right_of_those_who_stop(control: Control, signs: int) -> None:
    roads = arms()
    built = junction(control, roads)
    assert len(built.signs) == signs
    for sign in built.signs:
        for road, lane in sign.approaches:
            curve = roads[road].lane_curve(lane)
            ahead = np.array([np.cos(curve.headings[-1]), np.sin(curve.headings[-1])])
            offset = sign.point - curve.points[-1]
            assert ahead[0] * offset[1] - ahead[1] * offset[0] < -2
            assert abs(offset @ ahead) < 1


def test_kerbs_go_round_the_corners() -> None:
    roads = arms()
    for kerb in junction("signals", roads).kerbs:
        assert np.linalg.norm(kerb, axis=1).min() > roads[0].border
        assert np.abs(kerb[0]).max() == pytest.approx(20)


def test_crosswalks_span_the_road_beyond_its_end() -> None:
    roads = arms()
    for arm in range(4):
        crossing = build_crossing(roads, End(arm, True), None)
        along = crossing.polygon @ (roads[arm].reference.points[0] / 20)
        assert sorted(along) == pytest.approx([15.5, 15.5, 18.5, 18.5])
        assert crossing.walk.length > 2 * roads[arm].border + 2
