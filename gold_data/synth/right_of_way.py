"""Who may enter a junction: on green, after a halt at a stop sign, and when nobody is in the way or about to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.synth.curves import Array
from gold_data.synth.junctions import Connector
from gold_data.synth.routes import Route

STOP_BRAKING = 3.0
"""m/s2 at which one still brakes for a light that turns."""

AHEAD = 3.0
"""Seconds before a stop line at which one looks for room behind it."""

ACCEPTED = 4.5
"""Seconds that one of higher precedence must at least be away."""

HALTED = 0.3
"""m/s below which one has halted at a stop sign."""

SIGHT = 14.0
"""Metres before a stop line from which one who has to yield sees whether there is room."""


@dataclass(frozen=True)
class Junctions:
    """All junctions of a place: connectors, which pairs of them (C, C) meet, and when (steps, C) which is closed."""

    connectors: tuple[Connector, ...]
    meet: NDArray[np.bool_]
    closed: NDArray[np.bool_]

    def watch(self, routes: list[Route], lengths: Array) -> Gates:
        """The stop lines of some drivers, none of them passed."""
        return Gates(self, routes, lengths)


class Gates:
    """The stop lines ahead of some drivers, and who has been let into which junction."""

    def __init__(self, junctions: Junctions, routes: list[Route], lengths: Array) -> None:
        self._junctions = junctions
        self._halves = lengths / 2
        self._rows = np.arange(len(routes))
        most = max(len(route.gates) for route in routes) + 1
        self._lines = np.full((len(routes), most), np.inf)
        self._clear = np.full((len(routes), most), np.inf)
        # The last column, and what follows it, is a gate that nobody comes to.
        self._over = np.zeros((len(routes), most), dtype=np.int64)
        for row, route in enumerate(routes):
            for place, gate in enumerate(route.gates):
                self._lines[row, place] = gate.line
                self._clear[row, place] = gate.clear
                self._over[row, place] = gate.connector
        count = len(junctions.connectors)
        self._precedence = np.array([link.precedence for link in junctions.connectors] or [0])
        self._stops = np.array([link.stops for link in junctions.connectors] or [False])
        self._admitted = np.zeros((len(routes), most), dtype=np.bool_)
        self._halted = np.zeros((len(routes), most), dtype=np.bool_)
        self._braking = np.zeros(len(routes), dtype=np.bool_)
        self._count = count

    def ask(self, stations: Array, speeds: Array, step: int) -> tuple[Array, NDArray[np.bool_]]:
        """Metres from each front to the next stop line (infinite without one), and who has to stop there."""
        fronts = stations + self._halves
        coming = (self._lines < fronts[:, None]).sum(axis=1)
        to_line = self._lines[self._rows, coming] - fronts
        if not self._count:
            return to_line, self._braking
        over = self._over[self._rows, coming]
        closed = self._junctions.closed[step, over] & np.isfinite(to_line)
        can_stop = speeds**2 < 2 * STOP_BRAKING * np.maximum(to_line, 0)
        self._braking = closed & (self._braking | can_stop)
        admitted = self._admitted[self._rows, coming] & ~self._braking
        self._admitted[self._rows, coming] = admitted
        self._halted[self._rows, coming] |= (to_line < 2.5) & (speeds < HALTED)
        ready = ~self._stops[over] | self._halted[self._rows, coming]
        sight = np.where(self._precedence[over] == 0, SIGHT, 12.0 + AHEAD * speeds)
        asking = np.flatnonzero(~admitted & ~closed & ready & (to_line < sight))
        if len(asking):
            inside = self._admitted & (stations[:, None] - self._halves[:, None] < self._clear)
            arrival = np.where(closed | ~ready, np.inf, to_line / np.maximum(speeds, 1.0))
            occupied = np.zeros(self._count, dtype=np.int64)
            np.add.at(occupied, self._over[inside], 1)
            for driver in asking[np.lexsort((to_line[asking], -self._precedence[over[asking]]))]:
                way = over[driver]
                meets = self._junctions.meet[way]
                first = (self._precedence[over] > self._precedence[way]) & meets[over] & (arrival < ACCEPTED)
                if not (occupied[meets].any() or first.any()):
                    self._admitted[driver, coming[driver]] = admitted[driver] = True
                    occupied[way] += 1
        return to_line, np.isfinite(to_line) & ~admitted & (self._braking | ~closed)
