"""Fig. 3: one scene from above, driven by two policies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from gold_data.gym import EgoScene
from gold_data.views import draw_scene, drawn, ego_outline, finish_scene, png, view_around
from gold_train.report.look import FIRST, SECOND
from gold_train.report.scene import DrivenPath, furthest_apart

INCHES = (8.0, 6.4)
PLACE = (0.02, 0.075, 0.96, 0.815)
"""Left, bottom, width, height of the map, in shares of the sheet."""
RECORDED = "#F7BE8B"


def draw_two(scene: EgoScene, paths: Sequence[DrivenPath], place: str, why: str = "") -> bytes:
    """A PNG: map, record's path, both paths, and everybody where two policies are furthest apart.

    `place` says where they were driven, `why` by which rule it is this scene.
    """
    recorded = scene.description["tracks"][scene.ego_id]["state"]["position"][:, :2].astype(np.float64)
    step = furthest_apart(paths)
    gap = float(np.hypot(*(paths[0].states[step, :2] - paths[1].states[step, :2])))

    def draw(picture: Figure) -> None:
        axes = picture.add_axes(PLACE)
        points = np.concatenate([recorded, *(path.states[:, :2] for path in paths)])
        view = view_around(points, PLACE[2] * INCHES[0] / (PLACE[3] * INCHES[1]))
        entries: list[Artist] = [_record(axes, recorded)]
        entries += [_path(axes, path, colour, step) for path, colour in zip(paths, (FIRST, SECOND), strict=True)]
        entries += draw_scene(axes, scene.description, scene.ego_id, 0, step, view)
        finish_scene(axes, view, entries)
        picture.text(0.02, 0.985, f"{scene.scenario_id}/{scene.ego_id}, {place}", va="top", weight="bold")
        for number, (path, colour) in enumerate(zip(paths, (FIRST, SECOND), strict=True)):
            picture.text(0.02, 0.955 - 0.026 * number, f"{path.name}: {path.words}", va="top", color=colour)
        picture.text(0.98, 0.929, why, va="top", ha="right", size="small")
        picture.text(0.98, 0.955, f"seen after {0.1 * step:.1f} s, {gap:.1f} m apart", va="top", ha="right")

    return png(drawn(INCHES, draw))


def _record(axes: Axes, recorded: NDArray[np.float64]) -> Artist:
    axes.plot(*recorded.T, color=RECORDED, lw=5, solid_capstyle="round", zorder=2.5)
    return Line2D([], [], color=RECORDED, lw=5, label="recorded path")


def _path(axes: Axes, path: DrivenPath, colour: str, step: int) -> Artist:
    # The first is the wider one below: both are seen where they are one.
    wide, height = (3.2, 4.3) if colour == FIRST else (1.1, 4.5)
    axes.plot(*path.states[:, :2].T, color=colour, lw=wide, zorder=height)
    now = PolyCollection([ego_outline(path.states[step])], facecolor=colour, edgecolor="white", lw=0.6)
    now.set_zorder(4.6)
    axes.add_collection(now)
    axes.plot(*path.states[-1, :2], "o", color=colour, markersize=4, markerfacecolor="white", zorder=4.7)
    if path.touched is not None:
        axes.plot(*path.states[path.touched, :2], "X", color=colour, markersize=7, markeredgecolor="white", zorder=6.5)
    return Line2D([], [], color=colour, marker="s", lw=wide, label=path.name)
