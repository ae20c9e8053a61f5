from itertools import combinations

import numpy as np
import pytest

from gold_data.synth.flow import draw_flow
from gold_data.synth.junctions import Control
from gold_data.synth.network import Network
from gold_data.synth.places import crossing, roundabout
from gold_data.synth.right_of_way import HALTED, Junctions
from gold_data.synth.traffic import STEP, WARM_UP, drive

STEPS = 120
CONTROLS: list[Control] = ["all-way stop", "stop"]


def _open(network: Network) -> Junctions:
    links = network.place.connectors
    return Junctions(links, network.crossing_ways, np.zeros((WARM_UP + STEPS, len(links)), dtype=np.bool_))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("control", [*CONTROLS, "yield"])
def test_ways_that_cross_are_not_driven_at_the_same_time(seed: int, control: Control) -> None:
    random = np.random.default_rng(seed)
    network = Network(roundabout(random) if control == "yield" else crossing(random, control))
    flow = draw_flow(network, 10.0, STEPS, random)
    driven = drive(flow.drivers, _open(network), STEPS)
    inside = np.full(driven.shape, -1)
    for column, driver in enumerate(flow.drivers):
        for gate in driver.route.gates:
            on = (driven[:, column] > gate.line) & (driven[:, column] < gate.clear)
            inside[on, column] = gate.connector
    entered = (inside >= 0).any(axis=0).sum()
    assert entered > 5
    together = 0
    for step in range(0, STEPS, 3):
        ways = inside[step][inside[step] >= 0]
        together += sum(network.crossing_ways[a, b] for a, b in combinations(ways.tolist(), 2))
    assert together == 0


@pytest.mark.parametrize("control", CONTROLS)
def test_nobody_enters_at_a_stop_sign_without_a_halt(control: Control) -> None:
    seen = 0
    for seed in range(4):
        random = np.random.default_rng(seed)
        network = Network(crossing(random, control))
        flow = draw_flow(network, 10.0, STEPS, random)
        driven = drive(flow.drivers, _open(network), STEPS)
        for column, driver in enumerate(flow.drivers):
            fronts = driven[:, column] + driver.length / 2
            speeds = np.gradient(driven[:, column], STEP)
            for gate in driver.route.gates:
                comes = fronts[0] < gate.line - 12 and fronts[-1] > gate.line
                if comes and network.place.connectors[gate.connector].stops:
                    before = (fronts > gate.line - 2.5) & (fronts <= gate.line)
                    assert speeds[before].min() < HALTED + 0.2
                    seen += 1
    assert seen > 1


def test_those_on_the_main_road_are_let_go_first() -> None:
    random = np.random.default_rng(2)
    network = Network(crossing(random, "stop"))
    flow = draw_flow(network, 15.0, STEPS, random)
    driven = drive(flow.drivers, _open(network), STEPS)
    slowest: dict[int, list[float]] = {0: [], 2: []}
    for column, driver in enumerate(flow.drivers):
        for gate in driver.route.gates:
            near = np.abs(driven[:, column] - gate.line) < 10
            precedence = network.place.connectors[gate.connector].precedence
            if near.sum() > 3 and precedence in slowest:
                slowest[precedence].append(float(np.gradient(driven[:, column], STEP)[near].min()))
    assert np.median(slowest[2]) > np.median(slowest[0]) + 2
