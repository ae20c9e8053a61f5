"""One rejected ego as a picture: its scene from above, its recorded path, and where the reason lies."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from gold_data.errors import SourceError
from gold_data.scenarionet import Description
from gold_data.shards import Dataset
from gold_data.shards.folder import write_whole_file
from gold_data.views import palette
from gold_data.views.from_above import HALO
from gold_data.views.incident import Incident, incident
from gold_data.views.record import NoRecord, Records
from gold_data.views.rejected_egos import RejectedEgo, rejected_ego
from gold_data.views.scene_above import draw_scene, finish_scene
from gold_data.views.sheet import check_png_path, drawn, png, write_words
from gold_data.views.surroundings import View, outline, view_around

INCHES = (8.0, 6.2)
MAP_PLACE = (0.02, 0.09, 0.96, 0.76)
"""Left, bottom, width, height of the view from above, in shares of the sheet."""
LINE, MARK_LINE = 110, 30
"""Letters that fit beside each other, of the reason and of what is said at the mark."""
FARTHEST = 25.0
"""Metres of the path around the incident that are shown: beyond it nobody would see a car."""


def draw_rejected(dataset: Dataset, name: str, to: Path, sources: Sequence[str] = ()) -> None:
    """Draw the rejected ego `scenario/ego` into the PNG file `to`: 1600 by 1240 dots.

    Raises DatasetError where nobody of that name was rejected, SourceError where the record is not found, OutputError
    where the file cannot be written.
    """
    check_png_path(to)
    ego = rejected_ego(dataset, name)
    found = Records(dataset, sources).of_rejected(ego)
    if isinstance(found, NoRecord):
        raise SourceError(found.reason)
    write_whole_file(to, png(rejected_figure(ego, found)))


def rejected_figure(ego: RejectedEgo, description: Description) -> Figure:
    """Lay a rejected ego out on a sheet: what it is called and why it is rejected, and its scene below."""

    def draw(picture: Figure) -> None:
        reason = textwrap.wrap(ego.reason, LINE)
        write_words(
            picture,
            [
                (0.02, 0.98, ego.id, 12, {"weight": "bold"}),
                (0.98, 0.98, f"{ego.source}, byte {ego.offset}", 7.5, {"ha": "right", "color": "#555555"}),
                (0.02, 0.935, "\n".join(reason[:2]), 9.5, {"linespacing": 1.35}),
            ],
        )
        _draw_above(picture.add_axes(MAP_PLACE), ego, description)

    return drawn(INCHES, draw)


def _draw_above(axes: Axes, ego: RejectedEgo, description: Description) -> None:
    found = incident(ego, description)
    frame = 0 if found is None else found.frame
    path = _recorded_path(ego, description)
    view = _view(path, found, description)
    entries: list[Any] = []
    if found is not None:
        axes.plot(*path.T, color=palette.RECORDED, lw=4, solid_capstyle="round", zorder=2.5, label="recorded")
        entries.append(Line2D([], [], color=palette.RECORDED, lw=5, label="recorded path"))
        state = description["tracks"][ego.ego]["state"]
        pose = [float(state[name][frame]) for name in ("heading", "length", "width")]
        box = PolyCollection(
            [outline(*path[frame], *pose)], facecolor=f"{palette.EGO}B0", edgecolor=palette.DRIVEN, lw=0.9, gid="ego"
        )
        box.set_zorder(4.2)
        axes.add_collection(box)
        entries.append(Line2D([], [], color=palette.EGO, marker="s", ls="", label="rejected ego"))
        entries += _draw_incident(axes, found, view)
    entries += draw_scene(axes, description, ego.ego, 0, frame, view)
    finish_scene(axes, view, entries)


def _draw_incident(axes: Axes, found: Incident, view: View) -> list[Line2D]:
    look: dict[str, Any] = {"color": palette.INCIDENT, "mew": 1.6, "markerfacecolor": "none", "ls": ""}
    axes.plot(*found.place, "o", markersize=22, **look, zorder=7.0, gid="incident")
    entries = [Line2D([], [], marker="o", markersize=8, **look, label="where")]
    if found.bodies:
        bodies = PolyCollection(found.bodies, facecolor="none", edgecolor=palette.INCIDENT, lw=1.0, linestyle="dashed")
        bodies.set_zorder(6.5)
        axes.add_collection(bodies)
        entries.append(Line2D([], [], color=palette.INCIDENT, lw=1.0, ls="dashed", label="MetaDrive's bodies"))
    low, left = found.place[1] < (view.bottom + view.top) / 2, found.place[0] < (view.left + view.right) / 2
    words = axes.annotate(
        textwrap.fill(found.words, MARK_LINE),
        tuple(found.place),
        xytext=(16 if left else -16, 16 if low else -16),
        textcoords="offset points",
        zorder=8.0,
    )
    words.set(
        ha="left" if left else "right",
        va="bottom" if low else "top",
        weight="bold",
        color=palette.INCIDENT,
        path_effects=HALO,
        parse_math=False,
    )
    return entries


def _recorded_path(ego: RejectedEgo, description: Description) -> NDArray[np.float64]:
    """(T, 2) m, NaN where the ego is not there; nothing of an ego that the record does not have."""
    if ego.ego not in description["tracks"]:
        return np.zeros((0, 2))
    state = description["tracks"][ego.ego]["state"]
    path: NDArray[np.float64] = state["position"][:, :2].astype(np.float64)
    path[~np.asarray(state["valid"], bool)] = np.nan
    return path


def _view(path: NDArray[np.float64], found: Incident | None, description: Description) -> View:
    """Around the ego's path and the incident, or around everybody where there is no ego."""
    aspect = (MAP_PLACE[2] * INCHES[0]) / (MAP_PLACE[3] * INCHES[1])
    if found is None:
        states = [track["state"] for track in description["tracks"].values()]
        path = np.concatenate([np.zeros((0, 2)), *(one["position"][:, :2][one["valid"]] for one in states)])
    else:
        path = np.concatenate([path, found.place[None], *found.bodies])
    shown = path[np.isfinite(path).all(axis=1)]
    if not len(shown):
        return view_around(np.zeros((1, 2)), aspect)
    middle = np.median(shown, axis=0) if found is None else found.place
    near = shown[np.hypot(*(shown - middle).T) <= FARTHEST]
    return view_around(near if len(near) else middle[None], aspect)
