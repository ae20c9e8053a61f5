"""An episode from above: the map, the others at one frame, the record's path and the driven one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from gold_data.replay.scene import EGO_LENGTH, EGO_WIDTH
from gold_data.scenarionet import Description
from gold_data.shards import Episode
from gold_data.views import palette
from gold_data.views.surroundings import RoadUser, Signal, View, outline

HALO = [withStroke(linewidth=2.5, foreground="white")]
SHOWN_BOXES = 6
"""Times at which the ego's box is drawn, besides the one that is looked at."""


def draw_map(axes: Axes, description: Description, view: View) -> None:
    """Lanes, road lines, road edges and crosswalks, as far as they are in view."""
    features = [feature for feature in description["map_features"].values() if _in_view(feature, view)]
    crosswalks = [feature["polygon"][:, :2] for feature in features if feature["type"] == "CROSSWALK"]
    axes.add_collection(
        PolyCollection(crosswalks, facecolor=palette.CROSSWALK, edgecolor=palette.CROSSWALK_LINE, hatch="////", lw=0.4)
    )
    lines = [(feature["polyline"][:, :2], *_pen(feature["type"])) for feature in features if "polyline" in feature]
    for pen in sorted({(colour, width, style, height) for _, colour, width, style, height in lines}):
        colour, width, style, height = pen
        points = [line for line, *its_pen in lines if tuple(its_pen) == pen]
        axes.add_collection(LineCollection(points, colors=colour, lw=width, linestyles=style, zorder=height))


def _in_view(feature: Description, view: View) -> bool:
    points = feature.get("polyline", feature.get("polygon"))
    return points is not None and view.touches(points)


def _pen(kind: str) -> tuple[str, float, str, float]:
    """Colour, width in points, style and height of a line, by its type's name."""
    if kind.startswith("LANE"):
        return palette.LANE, 0.7, "solid", 1.0
    if kind.startswith("ROAD_EDGE"):
        return palette.EDGE, 1.1, "solid", 1.4
    colour = palette.YELLOW_LINE if "YELLOW" in kind else palette.WHITE_LINE
    style = "dashed" if "BROKEN" in kind else "dashdot" if "PASSING" in kind else "solid"
    if not kind.startswith("ROAD_LINE"):
        return colour, 0.8, "dotted", 1.2
    return colour, 1.7 if "DOUBLE" in kind else 0.9, style, 1.2


def draw_others(axes: Axes, users: Sequence[RoadUser]) -> None:
    """Boxes with a pointed front, coloured by kind, and their paths, fading into the past."""
    for user in users:
        _, colour = palette.ROAD_USERS.get(user.kind, palette.OTHER_ROAD_USER)
        steps = np.stack([user.path[:-1], user.path[1:]], axis=1)
        fading = [(*to_rgb(colour), alpha) for alpha in np.linspace(0.05, 0.8, len(steps))]
        axes.add_collection(LineCollection(list(steps), colors=fading, lw=1.3, capstyle="butt", zorder=2.0))
        axes.add_collection(
            PolyCollection([user.outline], facecolor=colour, edgecolor=colour, lw=0.9, zorder=3.0, gid="road user")
        )


def draw_signals(axes: Axes, found: Sequence[Signal]) -> None:
    """A mark at each stop point, its colour and shape by the state, an empty one where it flashes."""
    for signal in found:
        _, colour, shape = palette.SIGNALS[signal.state.rsplit("_", 1)[-1]]
        face = "white" if "FLASHING" in signal.state else colour
        edge = colour if "FLASHING" in signal.state else palette.BLACK
        axes.plot(
            *signal.position,
            shape,
            markersize=6,
            markerfacecolor=face,
            markeredgecolor=edge,
            mew=0.8,
            zorder=6.0,
            gid="signal",
        )


def draw_drive(axes: Axes, episode: Episode, step: int, wide: float) -> None:
    """The record's path (`wide` points), the driven one, the ego's box now and then, where it started and arrived."""
    driven, recorded = episode["ego_state"], episode["log_state"]
    axes.plot(*recorded[:, :2].T, color=palette.RECORDED, lw=wide, solid_capstyle="round", zorder=2.5, label="recorded")
    axes.plot(*driven[:, :2].T, color=palette.DRIVEN, lw=0.2 * wide, zorder=4.5, label="driven")
    boxes = [_ego_outline(driven[row]) for row in box_steps(driven, step)]
    axes.add_collection(PolyCollection(boxes, facecolor="none", edgecolor=palette.EGO, lw=0.9, zorder=4.0))
    now = PolyCollection([_ego_outline(driven[step])], facecolor=palette.EGO, edgecolor=palette.DRIVEN, lw=0.9)
    now.set_zorder(4.2)
    axes.add_collection(now)
    _label_ends(axes, driven, "arrival" if episode["arrived"] else "end")


def box_steps(driven: NDArray[np.float64], step: int) -> list[int]:
    """Rows of (T + 1, 7) states at which to draw the box: evenly in time, each a car's length clear of the others."""
    chosen = [step]
    for row in np.linspace(0, len(driven) - 1, SHOWN_BOXES).round().astype(int).tolist():
        between = np.hypot(*(driven[chosen, :2] - driven[row, :2]).T)
        if between.min() > 1.2 * EGO_LENGTH:
            chosen.append(row)
    return sorted(chosen[1:])


def _ego_outline(state: NDArray[np.float64]) -> NDArray[np.float64]:
    return outline(float(state[0]), float(state[1]), float(state[3]), EGO_LENGTH, EGO_WIDTH)


def _label_ends(axes: Axes, driven: NDArray[np.float64], end: str) -> None:
    """Words beyond both ends of the path, where the ego neither comes from nor goes to."""
    for (x, y), heading, word in ((driven[0, :2], driven[0, 3] + np.pi, "start"), (driven[-1, :2], driven[-1, 3], end)):
        mark, size = ("o", 4) if word == "start" else ("*", 8)
        axes.plot(x, y, mark, markersize=size, markerfacecolor="white", markeredgecolor=palette.DRIVEN, zorder=5.0)
        right, up = np.cos(heading), np.sin(heading)
        words = axes.annotate(word, (x, y), xytext=(16 * right, 16 * up), textcoords="offset points", zorder=7.0)
        words.set(
            ha="left" if right > 0.5 else "right" if right < -0.5 else "center",
            va="bottom" if up > 0.5 else "top" if up < -0.5 else "center",
            path_effects=HALO,
            weight="bold",
            color=palette.DRIVEN,
        )


def draw_scale(axes: Axes, view: View) -> None:
    """A bar of a round length, about a fifth of the view."""
    fifth = (view.right - view.left) / 5
    power = 10.0 ** np.floor(np.log10(fifth))
    length = max(factor * power for factor in (1, 2, 5) if factor * power <= fifth)
    x, y = view.left + 0.03 * (view.right - view.left), view.bottom + 0.03 * (view.top - view.bottom)
    axes.plot([x, x + length], [y, y], color=palette.BLACK, lw=2.5, solid_capstyle="butt", path_effects=HALO, zorder=8)
    words = axes.annotate(f"{length:g} m", (x + length / 2, y), xytext=(0, 3), textcoords="offset points", zorder=8)
    words.set(ha="center", va="bottom", path_effects=HALO)


def legend_entries(users: Sequence[RoadUser], found: Sequence[Signal]) -> list[Line2D]:
    """One entry for each thing that is drawn."""
    entries = [
        Line2D([], [], color=palette.RECORDED, lw=5, label="recorded path"),
        Line2D([], [], color=palette.DRIVEN, lw=1, label="driven path"),
        Line2D([], [], color=palette.EGO, marker="s", ls="", label="ego"),
    ]
    kinds = {user.kind for user in users}
    known = [look for kind, look in palette.ROAD_USERS.items() if kind in kinds]
    others = [palette.OTHER_ROAD_USER] if kinds - set(palette.ROAD_USERS) else []
    entries += [Line2D([], [], color=colour, marker="s", ls="", label=word) for word, colour in known + others]
    shown = {signal.state.rsplit("_", 1)[-1] for signal in found}
    entries += [
        Line2D([], [], color=colour, marker=shape, ls="", mec=palette.BLACK, mew=0.8, label=word)
        for state, (word, colour, shape) in palette.SIGNALS.items()
        if state in shown
    ]
    return entries
