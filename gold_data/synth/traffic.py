"""Vehicles and cyclists that follow their routes and each other: the Intelligent Driver Model on fixed paths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.synth.curves import Array
from gold_data.synth.right_of_way import Junctions
from gold_data.synth.routes import APPROACH_BRAKING, Route

STEP = 0.1
"""Seconds."""

WARM_UP = 60
"""Steps driven before the record begins, so that it does not begin with everyone's first reaction."""

# Treiber, Hennecke, Helbing 2000, "Congested traffic states in empirical observations and microscopic simulations".
ACCELERATION = 2.0
COMFORTABLE_BRAKING = 2.0
HARDEST_BRAKING = 5.0
TIME_GAP = 1.4
STANDSTILL_GAP = 2.5

STOP_SHORT = 1.0
"""Metres before the stop line at which a front comes to rest."""

RESPONSE = 0.8
"""Seconds after which the model has slowed down to a lower speed limit."""

LEAVING = 4.0
"""Metres that a rear has to be off a lane before those behind on it no longer mind."""


@dataclass(frozen=True)
class Driver:
    """Who drives: a route, where the warm-up begins on it (station, m), the share of the limit that is wished for,
    and the length (m)."""

    route: Route
    start: float
    share: float
    length: float


def drive(drivers: list[Driver], junctions: Junctions, steps: int) -> Array:
    """Stations on their paths, (steps, drivers) m, of drivers who keep their lane, their distance and the rules.

    A driver is on the map while its station lies between 0 and the path's length. `junctions` say from the warm-up's
    first step on when which connector is closed.
    """
    if not drivers:
        return np.zeros((steps, 0))
    lengths = np.array([driver.length for driver in drivers])
    stations = np.array([driver.start for driver in drivers])
    allowed = _table([driver.route.speeds(driver.share) for driver in drivers])
    rows = np.arange(len(drivers))
    leading = _Leading([driver.route for driver in drivers], lengths)
    gates = junctions.watch([driver.route for driver in drivers], lengths)

    def speed_limits() -> Array:
        """The lower of the speeds allowed here and as far ahead as braking takes to answer."""
        here, ahead = (
            np.clip(stations + seconds * speeds, 0, allowed.shape[1] - 1).astype(np.int64)
            for seconds in (0.0, RESPONSE)
        )
        return np.asarray(np.minimum(allowed[rows, here], allowed[rows, ahead]))

    speeds = np.zeros(len(drivers))
    # Who is before a closed line as the warm-up begins is slow enough to stop there.
    to_line, stopping = gates.ask(stations, speeds, 0)
    speeds = 0.9 * speed_limits()
    room = np.sqrt(2 * APPROACH_BRAKING * np.maximum(to_line - STOP_SHORT, 0))
    speeds = np.where(stopping, np.minimum(speeds, room), speeds)
    accelerations = np.zeros(len(drivers))
    driven = np.zeros((WARM_UP + steps, len(drivers)))
    for step in range(WARM_UP + steps):
        driven[step] = stations
        to_line, stopping = gates.ask(stations, speeds, step)
        gap, leaders = leading.gaps(stations)
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
    return driven[WARM_UP:]


class _Leading:
    """Who is next ahead of whom, where paths share a lane."""

    def __init__(self, routes: list[Route], lengths: Array) -> None:
        self._halves = lengths / 2
        stretches = [(driver, stretch) for driver, route in enumerate(routes) for stretch in route.stretches]
        driver = np.array([driver for driver, _ in stretches])
        keys, starts, ends, shifts = np.array([(s.key, s.start, s.end, s.shift) for _, s in stretches]).T
        # Each pair of stretches of two drivers that are on one lane, by the driver who looks ahead.
        own, other = np.nonzero((keys[:, None] == keys) & (driver[:, None] != driver))
        self._own, self._other = driver[own], driver[other]
        self._starts, self._ends = starts[other], ends[other]
        self._lowest, self._highest = starts[own], ends[own]
        self._onto = shifts[other] - shifts[own]
        self._looking, self._first = np.unique(self._own, return_index=True)

    def gaps(self, stations: Array) -> tuple[Array, NDArray[np.int64]]:
        """Free metres to the next one ahead, and who that is; infinite without one."""
        nearest, leaders = np.full(len(stations), np.inf), np.zeros(len(stations), dtype=np.int64)
        if not len(self._own):
            return nearest, leaders
        rears = (stations - self._halves)[self._other]
        where = rears + self._onto
        seen = np.zeros(len(where), dtype=np.bool_)
        for behind in (0.0, LEAVING):
            there = (self._starts <= rears - behind) & (rears - behind <= self._ends)
            seen |= there & (self._lowest <= where - behind) & (where - behind <= self._highest)
        seen &= where + self._halves[self._other] > stations[self._own]
        where = np.where(seen, where, np.inf)
        nearest[self._looking] = np.minimum.reduceat(where, self._first)
        next_ahead = seen & (where == nearest[self._own])
        leaders[self._own[next_ahead]] = self._other[next_ahead]
        return nearest - stations - self._halves, leaders


def _pressure(gap: Array, speeds: Array, closing: Array) -> Array:
    """The squared ratio of the gap that is wished for to the one there is."""
    approach = speeds * closing / (2 * np.sqrt(ACCELERATION * COMFORTABLE_BRAKING))
    wished = STANDSTILL_GAP + np.maximum(speeds * TIME_GAP + approach, 0.0)
    return np.asarray((wished / np.maximum(gap, 0.1)) ** 2)


def _table(rows: list[Array]) -> Array:
    """Rows of different length under each other, each continued by its last value."""
    width = max(map(len, rows))
    table = np.empty((len(rows), width))
    for row, values in zip(table, rows, strict=True):
        row[: len(values)] = values
        row[len(values) :] = values[-1]
    return table
