"""Who is on the map, from above: the others at one frame, signals, the record's path and the driven one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from gold_data.replay.scene import EGO_LENGTH, EGO_WIDTH
from gold_data.shards import Episode
from gold_data.views import palette
from gold_data.views.surroundings import RoadUser, Signal, View, outline

HALO = [withStroke(linewidth=2.5, foreground="white")]
SHOWN_BOXES = 6
"""Times at which the ego's box is drawn, besides the one that is looked at."""


def draw_others(axes: Axes, users: Sequence[RoadUser]) -> list[Line2D]:
    """Outlines, coloured by kind, and paths that fade into the past; gives a legend's entries for the kinds met."""
    for user in users:
        _, colour = palette.ROAD_USERS.get(user.kind, palette.OTHER_ROAD_USER)
        steps = np.stack([user.path[:-1], user.path[1:]], axis=1)
        fading = [(*to_rgb(colour), alpha) for alpha in np.linspace(0.05, 0.8, len(steps))]
        axes.add_collection(LineCollection(list(steps), colors=fading, lw=1.3, capstyle="butt", zorder=2.0))
        axes.add_collection(
            PolyCollection([user.outline], facecolor=colour, edgecolor=colour, lw=1.2, zorder=3.0, gid="road user")
        )
    kinds = {user.kind for user in users}
    known = [look for kind, look in palette.ROAD_USERS.items() if kind in kinds]
    others = [palette.OTHER_ROAD_USER] if kinds - set(palette.ROAD_USERS) else []
    return [
        Line2D([], [], color=colour, marker="o" if word == "pedestrian" else "s", ls="", label=word)
        for word, colour in known + others
    ]


def draw_signals(axes: Axes, found: Sequence[Signal]) -> list[Line2D]:
    """A mark at each stop point, its colour and shape by the state, an empty one where it flashes.

    Gives a legend's entries for the states met.
    """
    for signal in found:
        _, colour, shape = palette.SIGNALS[_meaning(signal.state)]
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
    shown = {_meaning(signal.state) for signal in found}
    return [
        Line2D([], [], color=colour, marker=shape, ls="", mec=palette.BLACK, mew=0.8, label=word)
        for state, (word, colour, shape) in palette.SIGNALS.items()
        if state in shown
    ]


def _meaning(state: str) -> str:
    """Databases of other makes have words of their own for a signal whose state is not known."""
    word = state.rsplit("_", 1)[-1]
    return word if word in palette.SIGNALS else "UNKNOWN"


def draw_drive(axes: Axes, episode: Episode, step: int, wide: float) -> list[Line2D]:
    """The record's path (`wide` points), the driven one, the ego's box now and then, where it started and arrived.

    Gives a legend's entries for these.
    """
    driven, recorded = episode["ego_state"], episode["log_state"]
    axes.plot(*recorded[:, :2].T, color=palette.RECORDED, lw=wide, solid_capstyle="round", zorder=2.5, label="recorded")
    axes.plot(*driven[:, :2].T, color=palette.DRIVEN, lw=0.2 * wide, zorder=4.5, label="driven")
    boxes = [ego_outline(driven[row]) for row in box_steps(driven, step)]
    axes.add_collection(PolyCollection(boxes, facecolor="none", edgecolor=palette.EGO, lw=0.9, zorder=4.0))
    now = PolyCollection([ego_outline(driven[step])], facecolor=palette.EGO, edgecolor=palette.DRIVEN, lw=0.9)
    now.set_zorder(4.2)
    axes.add_collection(now)
    _label_ends(axes, driven, "arrival" if episode["arrived"] else "end")
    entries = [
        Line2D([], [], color=palette.RECORDED, lw=5, label="recorded path"),
        Line2D([], [], color=palette.DRIVEN, lw=1, label="driven path"),
        Line2D([], [], color=palette.EGO, marker="s", ls="", label="ego"),
    ]
    if np.any(episode["start_offset"]):
        look: dict[str, Any] = {"color": palette.RECORDED_POSE, "lw": 1.2, "ls": (0, (2, 1))}
        axes.plot(*_closed(ego_outline(recorded[0])).T, **look, zorder=4.1, label="recorded at the start")
        entries.append(Line2D([], [], **look, label="recorded at the start"))
    return entries


def ego_outline(state: NDArray[np.float64]) -> NDArray[np.float64]:
    """(5, 2) m: MetaDrive's car at one row of `ego_state` or `log_state`."""
    return outline(float(state[0]), float(state[1]), float(state[3]), EGO_LENGTH, EGO_WIDTH)


def _closed(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([corners, corners[:1]])


def box_steps(driven: NDArray[np.float64], step: int) -> list[int]:
    """Rows of (T + 1, 7) states at which to draw the box: evenly in time, each a car's length clear of the others."""
    chosen = [step]
    for row in np.linspace(0, len(driven) - 1, SHOWN_BOXES).round().astype(int).tolist():
        between = np.hypot(*(driven[chosen, :2] - driven[row, :2]).T)
        if between.min() > 1.2 * EGO_LENGTH:
            chosen.append(row)
    return sorted(chosen[1:])


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
