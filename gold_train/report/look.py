"""How an algorithm is drawn: a colour that the colour-blind tell apart (Okabe and Ito 2008), a line for its actor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from matplotlib.axes import Axes

from gold_train.report.algorithms import PATHWISE, Algorithm

COLOURS: Final[Mapping[str, str]] = {
    "BC": "#8C8C8C",
    "DT": "#000000",
    "IQL": "#E69F00",
    "CVPO": "#56B4E9",
    "GOLD (BC-IQL)": "#009E73",
    "GOLD (BC-CVPO)": "#B8A300",
    "GOLD (DT-CVPO)": "#CC79A7",
    "GOLD (DT-IQL)": "#D55E00",
}
FIRST, SECOND = "#D55E00", "#000000"
"""Two policies in one scene, where vehicles are blue, pedestrians purple and cyclists green."""
OFFLINE = ("bc", "dt")
TITLES: Final[Mapping[str, str]] = {"success": "success", "contact": "contact", "returned": "return", "cost": "cost"}


def colour(algorithm: Algorithm) -> str:
    """Of lines and marks."""
    return COLOURS[algorithm.column]


def dashes(algorithm: Algorithm) -> str:
    """Of lines: whole, but dashed where the student climbs its critics."""
    return "dashed" if algorithm.actor == PATHWISE else "solid"


def plain(axes: Axes) -> None:
    """A frame without what says nothing."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, color="#E6E6E6", lw=0.6)
    axes.set_axisbelow(True)
