import numpy as np
import pytest

from gold_data.synth.network import Network
from gold_data.synth.places import SHARES, Kind, draw_place
from gold_data.synth.routes import CONNECTOR_LIMIT, LATERAL_ACCELERATION, Route, draw_route

KINDS: list[Kind] = list(SHARES)


def routes(kind: Kind, eagerness: float) -> tuple[Network, list[Route]]:
    random = np.random.default_rng(7)
    network = Network(draw_place(kind, random))
    return network, [draw_route(network, lane, 0.0, 250.0, eagerness, random) for lane in network.lanes]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("eagerness", [0.0, 1.0])
def test_paths_are_smooth(kind: Kind, eagerness: float) -> None:
    for route in routes(kind, eagerness)[1]:
        steps = np.diff(route.path.points, axis=0)
        course = np.arctan2(steps[:, 1], steps[:, 0])
        middle = (route.path.headings[1:] + route.path.headings[:-1]) / 2
        assert np.abs(np.angle(np.exp(1j * (course - middle)))).max() < 0.12
        assert np.diff(route.path.stations).min() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_stretches_are_on_the_lanes_that_they_name(kind: Kind) -> None:
    network, drawn = routes(kind, 0.0)
    connectors = network.place.connectors
    for route in drawn:
        assert route.stretches[0].start == -np.inf
        overlapping = {
            one
            for one in route.stretches
            for other in route.stretches
            if one != other and one.start < other.end - 1e-6 and other.start < one.end - 1e-6
        }
        for stretch in set(route.stretches) - overlapping:
            stations = np.linspace(max(stretch.start, 0.0), stretch.end, 5)
            here, _ = route.path.at(stations)
            if stretch.key < len(network.lanes):
                lane = network.curves[network.lanes[stretch.key]]
            elif stretch.key < len(network.lanes) + len(connectors):
                lane = connectors[stretch.key - len(network.lanes)].curve
            else:
                continue
            there, _ = lane.at(stations + stretch.shift)
            assert np.linalg.norm(here - there, axis=1).max() < 0.2


def test_a_lane_change_ends_on_the_lane_beside() -> None:
    network, drawn = routes("motorway", 1.0)
    for start, route in zip(network.lanes, drawn, strict=True):
        first, second = (network.lanes[stretch.key] for stretch in route.stretches)
        assert first == start
        assert second in network.beside(start)
        assert route.path.points[-1] == pytest.approx(network.curves[second].points[-1], abs=0.05)
        assert route.stretches[1].start < route.stretches[0].end
        at_end = route.stretches[1].end + route.stretches[1].shift
        assert at_end == pytest.approx(network.curves[second].length, abs=0.1)


def test_a_lane_that_ends_is_left_in_time() -> None:
    seen = 0
    for seed in range(8):
        random = np.random.default_rng(seed)
        network = Network(draw_place("merge", random))
        onto = {after for exits in network.onward.values() for over, after in exits if over is None}
        ending = [key for key in network.lanes if key in onto and not network.onward[key] and key[0] == 2]
        for key in ending:
            route = draw_route(network, key, 0.0, 200.0, 0.0, random)
            assert network.lanes[route.stretches[1].key] in network.beside(key)
            seen += 1
    assert seen


@pytest.mark.parametrize("kind", ["lights", "roundabout"])
def test_gates_lie_where_connectors_begin_and_end(kind: Kind) -> None:
    network, drawn = routes(kind, 0.2)
    assert sum(len(route.gates) for route in drawn) > 10
    for route in drawn:
        for gate in route.gates:
            points, _ = route.path.at(np.array([gate.line, gate.clear]))
            link = network.place.connectors[gate.connector]
            if not network.is_for_bikes(network.lanes[route.stretches[0].key]):
                assert points == pytest.approx(link.curve.points[[0, -1]], abs=0.15)


def test_bends_and_turns_are_taken_slowly() -> None:
    network, drawn = routes("lights", 0.0)
    for route in drawn:
        speeds = route.speeds(1.0)
        stations = np.arange(len(speeds))
        bend = np.interp(stations, route.path.stations, np.abs(route.path.curvature))
        assert (speeds**2 * bend).max() < LATERAL_ACCELERATION * 1.001
        assert (np.diff(speeds**2) >= -2.81).all()
        for gate in route.gates:
            if not network.is_for_bikes(network.lanes[route.stretches[0].key]):
                most = CONNECTOR_LIMIT[network.place.connectors[gate.connector].movement]
                assert speeds[int(gate.line) + 2] <= most + 1e-9
