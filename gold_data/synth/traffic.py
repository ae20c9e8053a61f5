"""Vehicles and cyclists that follow lanes, each other and the lights: the Intelligent Driver Model on fixed paths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.synth.curves import Array, Curve
from gold_data.synth.kinds import SignalState
from gold_data.synth.signals import SignalPlan

STEP = 0.1
STEPS = 91
TIME: Array = np.linspace(0.0, 9.0, STEPS)
"""Seconds of the record's steps."""

WARM_UP = 60
"""Steps driven before the record begins, so that it does not begin with everyone's first reaction."""

# Treiber, Hennecke, Helbing 2000, "Congested traffic states in empirical observations and microscopic simulations".
ACCELERATION = 1.6
COMFORTABLE_BRAKING = 2.0
HARDEST_BRAKING = 5.0
TIME_GAP = 1.4
STANDSTILL_GAP = 2.5

LATERAL_ACCELERATION = 1.8
APPROACH_BRAKING = 1.4
STOP_BRAKING = 3.0
STOP_SHORT = 1.0
"""Metres before the stop line at which a front comes to rest."""

RESPONSE = 0.8
"""Seconds after which the model has slowed down to a lower speed limit."""

LEAVING = 8.0
"""Metres into a crossing until which one who turns off still is in the way of one behind who goes elsewhere."""

JOINING = 6.0
"""Metres before the end of a crossing from which one counts as in the lane that it leads to."""


@dataclass(frozen=True)
class Route:
    """A path over the place; keys say which routes share their approach, connector and departure lane (-1: none).

    `stop` is the station of the stop line (m, infinite without one), `departs` that of the departure lane's start,
    `group` the signal group (0 without one), `limit` the speed limit in m/s.
    """

    path: Curve
    approach: int
    connector: int
    departure: int
    stop: float
    departs: float
    group: int
    limit: float

    def speeds(self, limit: float) -> Array:
        """The highest speed (m/s) at each whole metre of the path: `limit`, slower in bends and early before them."""
        stations = np.arange(self.path.length + 1)
        bend = np.interp(stations, self.path.stations, np.abs(self.path.curvature))
        squared = np.minimum(limit**2, LATERAL_ACCELERATION / np.maximum(bend, 1e-6))
        braking = squared + 2 * APPROACH_BRAKING * stations
        slowest_ahead = np.minimum.accumulate(braking[::-1])[::-1]
        return np.asarray(np.sqrt(slowest_ahead - 2 * APPROACH_BRAKING * stations))


@dataclass(frozen=True)
class Driver:
    """Who drives: a route (index), where the warm-up begins on it (station, m), wished speed (m/s) and length (m)."""

    route: int
    start: float
    wish: float
    length: float


def drive(routes: list[Route], drivers: list[Driver], plan: SignalPlan | None) -> Array:
    """Stations on their paths, (STEPS, drivers) m, of drivers who keep their lane, their distance and the lights.

    A driver is on the map while its station lies between 0 and the path's length.
    """
    of = [routes[driver.route] for driver in drivers]
    approach, connector, departure, groups = (
        np.array([getattr(route, name) for route in of]) for name in ("approach", "connector", "departure", "group")
    )
    stop, departs, ends = (
        np.array(values) for values in zip(*((r.stop, r.departs, r.path.length) for r in of), strict=True)
    )
    lengths, stations = (np.array(values) for values in zip(*((d.length, d.start) for d in drivers), strict=True))
    allowed = _table([route.speeds(driver.wish) for route, driver in zip(of, drivers, strict=True)])
    rows = np.arange(len(drivers))

    same_approach = (approach[:, None] == approach) & ~np.eye(len(drivers), dtype=bool)
    same_departure = (departure[:, None] == departure) & (departure >= 0) & ~np.eye(len(drivers), dtype=bool)
    same_connector = same_approach & (connector[:, None] == connector)
    shared_until = np.where(same_connector, np.inf, stop + LEAVING)
    ahead_by_departure = departs[:, None] - departs

    def speed_limits() -> Array:
        """The lower of the speeds allowed here and as far ahead as braking takes to answer."""
        here, ahead = (
            np.clip(stations + seconds * speeds, 0, allowed.shape[1] - 1).astype(np.int64)
            for seconds in (0.0, RESPONSE)
        )
        return np.asarray(np.minimum(allowed[rows, here], allowed[rows, ahead]))

    def gaps() -> tuple[Array, NDArray[np.int64]]:
        """Free metres to the next one ahead, and who that is."""
        on_departure = np.where(same_departure & (stations > departs - JOINING), stations + ahead_by_departure, np.inf)
        where = np.where(same_approach & (stations < shared_until), stations, on_departure)
        where[(where <= stations[:, None]) | (stations > ends)] = np.inf
        leaders = np.argmin(where, axis=1)
        return where[rows, leaders] - stations - (lengths + lengths[leaders]) / 2, leaders

    def lights(time: float) -> NDArray[np.bool_]:
        return plan.states(groups, time) != SignalState.GO if plan else np.zeros(len(drivers), dtype=bool)

    to_line = stop - stations - lengths / 2
    speeds = np.zeros(len(drivers))
    speeds = 0.9 * speed_limits()
    held = lights(-WARM_UP * STEP) & (to_line > 0)
    speeds = np.where(
        held, np.minimum(speeds, np.sqrt(2 * APPROACH_BRAKING * np.maximum(to_line - STOP_SHORT, 0))), speeds
    )
    accelerations = np.zeros(len(drivers))
    stopping = held
    driven = []
    for step in range(-WARM_UP, STEPS):
        if step >= 0:
            driven.append(stations)
        to_line = stop - stations - lengths / 2
        can_stop = speeds**2 < 2 * STOP_BRAKING * np.maximum(to_line, 0)
        stopping = lights(step * STEP) & (to_line > 0) & (stopping | can_stop)
        gap, leaders = gaps()
        pressure = _pressure(gap, speeds, speeds - speeds[leaders])
        at_line = _pressure(to_line - STOP_SHORT + STANDSTILL_GAP, speeds, speeds)
        pressure = np.where(stopping, np.maximum(pressure, at_line), pressure)
        free = (speeds / np.maximum(speed_limits(), 0.1)) ** 4
        wanted = np.clip(ACCELERATION * (1 - free - pressure), -HARDEST_BRAKING, ACCELERATION)
        wanted = np.clip(wanted, accelerations - 0.8, accelerations + 0.4)
        following = np.maximum(speeds + wanted * STEP, 0.0)
        accelerations = (following - speeds) / STEP
        stations = stations + (speeds + following) / 2 * STEP
        speeds = following
    return np.array(driven)


def _pressure(gap: Array, speeds: Array, closing: Array) -> Array:
    """The squared ratio of the gap that is wished for to the one there is."""
    approach = speeds * closing / (2 * np.sqrt(ACCELERATION * COMFORTABLE_BRAKING))
    wished = STANDSTILL_GAP + np.maximum(speeds * TIME_GAP + approach, 0.0)
    return np.asarray((wished / np.maximum(gap, 0.1)) ** 2)


def _table(rows: list[Array]) -> Array:
    """Rows of different length under each other, each continued by its last value."""
    width = max(map(len, rows))
    return np.array([np.concatenate([row, np.full(width - len(row), row[-1])]) for row in rows])
