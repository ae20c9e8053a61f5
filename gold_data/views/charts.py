"""What an episode was like over time: speed, inputs, return- and cost-to-go, displacement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gold_data.replay.pace import STEP
from gold_data.shards import Episode
from gold_data.views import palette


def draw_charts(axes: Sequence[Axes], episode: Episode, step: int) -> None:
    """Draw the four charts over seconds since the episode's start; a line marks the step that is drawn from above."""
    for one, draw in zip(axes, (_speed, _inputs, _to_go, _displacement), strict=True):
        draw(one, episode)
        one.axvline(step * STEP, color=palette.GREY, lw=0.8, ls="dotted", zorder=0)
        one.set_xlim(0, int(episode["length"]) * STEP)
        one.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
        one.yaxis.set_major_locator(MaxNLocator(nbins=5))
        one.grid(visible=True, axis="y", color="#E6E6E6", lw=0.6)
        one.set_axisbelow(True)
        one.spines[["top", "right"]].set_visible(False)


def _speed(axes: Axes, episode: Episode) -> None:
    for state, colour, width, word in (
        ("log_state", palette.RECORDED, 3.5, "recorded"),
        ("ego_state", palette.DRIVEN, 1.0, "driven"),
    ):
        speed = np.hypot(*episode[state][:, 4:6].T)
        axes.plot(np.arange(len(speed)) * STEP, speed, color=colour, lw=width, label=word)
    _finish(axes, "speed (m/s)")


def _inputs(axes: Axes, episode: Episode) -> None:
    edges = np.arange(int(episode["length"]) + 1) * STEP
    executed, expert = episode["actions"], episode.columns.get("expert_actions")
    for column, (word, colour) in enumerate((("steering", palette.BLUE), ("throttle", palette.ORANGE))):
        axes.stairs(executed[:, column], edges, baseline=None, color=colour, lw=1.2, label=word)
        if expert is not None and not np.array_equal(executed, expert):
            its_word = None if column else "tracker's (dashed)"
            axes.stairs(expert[:, column], edges, baseline=None, color=colour, lw=0.7, ls="dashed", label=its_word)
    _finish(axes, "inputs")
    axes.set_ylim(-1.05, 1.05)


def _to_go(axes: Axes, episode: Episode) -> None:
    times = np.arange(int(episode["length"])) * STEP
    axes.plot(times, episode["returns_to_go"], color=palette.BLACK, lw=1.2)
    title = "return-to-go"
    if episode["costs"].any():
        costs = axes.twinx()
        costs.plot(times, episode["costs_to_go"], color=palette.VERMILION, lw=1.2, drawstyle="steps-post")
        costs.set_ylim(bottom=0)
        costs.tick_params(colors=palette.VERMILION)
        costs.spines["top"].set_visible(False)
        title += ", and cost-to-go on the right"
    _finish(axes, title)


def _displacement(axes: Axes, episode: Episode) -> None:
    """How far apart both cars are, and which way: ahead and to the left of the recorded one, along its heading."""
    times = np.arange(len(episode["ego_state"])) * STEP
    difference = 100 * (episode["ego_state"][:, :2] - episode["log_state"][:, :2])
    heading = episode["log_state"][:, 3]
    ahead = difference[:, 0] * np.cos(heading) + difference[:, 1] * np.sin(heading)
    left = difference[:, 1] * np.cos(heading) - difference[:, 0] * np.sin(heading)
    axes.plot(times, np.hypot(*difference.T), color=palette.BLACK, lw=1.2, label="apart")
    axes.plot(times, ahead, color=palette.ORANGE, lw=0.8, label="ahead")
    axes.plot(times, left, color=palette.BLUE, lw=0.8, label="left")
    _finish(axes, "off the record (cm)")


def _finish(axes: Axes, title: str) -> None:
    """Say what is drawn, above the chart on the left, and which line is what, on the right; show zero."""
    axes.set_title(title, loc="left")
    axes.margins(y=0.08)
    axes.axhline(0, color="#B0B0B0", lw=0.6, zorder=0)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1.0, 0.975),
            ncols=3,
            frameon=False,
            handlelength=1.4,
            columnspacing=1.2,
            borderaxespad=0.2,
        )
