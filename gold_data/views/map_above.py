"""The map from above: what is painted, what bounds the road, and what lies on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from gold_data.scenarionet import Description
from gold_data.views import palette
from gold_data.views.surroundings import View

STOP_SIGN: Mapping[str, Any] = {
    "marker": "8",
    "markersize": 7,
    "markerfacecolor": palette.RED,
    "markeredgecolor": "white",
    "mew": 0.9,
    "ls": "",
}


def draw_map(axes: Axes, description: Description, view: View) -> list[Artist]:
    """Draw what is in view of lanes, road lines, road edges, areas and stop signs.

    Gives an entry of a legend for each kind of thing that is not known by its look alone.
    """
    features = [feature for feature in description["map_features"].values() if _in_view(feature, view)]
    entries = [entry for kind, look in palette.AREAS.items() if (entry := _draw_areas(axes, features, kind, look))]
    _draw_lines(axes, features)
    if any(feature["type"] == "LANE_BIKE_LANE" for feature in features):
        entries.append(Line2D([], [], color=palette.BIKE_LANE, lw=1.6, label="bike lane"))
    signs = [feature["position"][:2] for feature in features if feature["type"] == "STOP_SIGN"]
    if signs:
        axes.plot(*np.array(signs).T, **STOP_SIGN, zorder=5.8, gid="stop sign")
        entries.append(Line2D([], [], **STOP_SIGN, label="stop sign"))
    return entries


def _draw_areas(axes: Axes, features: list[Description], kind: str, look: tuple[str, str, str, str]) -> Artist | None:
    word, face, edge, hatch = look
    polygons = [feature["polygon"][:, :2] for feature in features if feature["type"] == kind]
    if not polygons:
        return None
    height = 0.4 + 0.1 * list(palette.AREAS).index(kind)
    drawn = PolyCollection(polygons, facecolor=face, edgecolor=edge, hatch=hatch, lw=0.5, zorder=height, gid=word)
    axes.add_collection(drawn)
    return Patch(facecolor=face, edgecolor=edge, hatch=hatch, lw=0.5, label=word)


def _draw_lines(axes: Axes, features: list[Description]) -> None:
    lines = [(feature["polyline"][:, :2], *_pen(feature["type"])) for feature in features if "polyline" in feature]
    for pen in sorted({(colour, width, style, height) for _, colour, width, style, height in lines}):
        colour, width, style, height = pen
        points = [line for line, *its_pen in lines if tuple(its_pen) == pen]
        axes.add_collection(LineCollection(points, colors=colour, lw=width, linestyles=style, zorder=height))


def _in_view(feature: Description, view: View) -> bool:
    if "position" in feature:
        return bool(view.contains(feature["position"][:2]))
    points = feature.get("polyline", feature.get("polygon"))
    return points is not None and view.touches(points)


def _pen(kind: str) -> tuple[str, float, str, float]:
    """Colour, width in points, style and height of a line, by its type's name."""
    if kind == "LANE_BIKE_LANE":
        return palette.BIKE_LANE, 1.6, "solid", 1.1
    if kind.startswith("LANE"):
        return palette.LANE, 0.7, "solid", 1.0
    if kind.startswith("ROAD_EDGE"):
        return palette.EDGE, 1.1, "solid", 1.4
    colour = palette.YELLOW_LINE if "YELLOW" in kind else palette.WHITE_LINE
    style = "dashed" if "BROKEN" in kind else "dashdot" if "PASSING" in kind else "solid"
    if not kind.startswith("ROAD_LINE"):
        return colour, 0.8, "dotted", 1.2
    return colour, 1.7 if "DOUBLE" in kind else 0.9, style, 1.2
