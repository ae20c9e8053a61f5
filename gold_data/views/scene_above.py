"""A scene from above at one frame: map, road users and signals in one frame with its scale and legend."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gold_data.scenarionet import Description
from gold_data.views.from_above import draw_others, draw_scale, draw_signals
from gold_data.views.map_above import draw_map
from gold_data.views.surroundings import View, road_users, signals

LEGEND_COLUMNS = 8
"""Entries that fit beside each other."""


def draw_scene(axes: Axes, description: Description, ego_id: str, first: int, frame: int, view: View) -> list[Artist]:
    """Draw all but the ego as it is at a frame, road users with their paths since frame `first`.

    Gives the entries of a legend for what is in view.
    """
    on_the_map = draw_map(axes, description, view)
    users = draw_others(axes, road_users(description, ego_id, first, frame, view))
    return [*users, *draw_signals(axes, signals(description, frame, view)), *on_the_map]


def finish_scene(axes: Axes, view: View, entries: Sequence[Artist]) -> None:
    """Frame a scene by its view, with a scale inside and the legend below."""
    draw_scale(axes, view)
    axes.set_xlim(view.left, view.right)
    axes.set_ylim(view.bottom, view.top)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    rows = -(-len(entries) // LEGEND_COLUMNS)
    axes.legend(
        handles=entries,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=max(-(-len(entries) // max(rows, 1)), 1),
        frameon=False,
        columnspacing=1.2,
        handletextpad=0.5,
        handlelength=1.2,
        fontsize=7.5,
    )
