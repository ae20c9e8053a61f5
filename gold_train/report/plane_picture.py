"""Fig. 1: return and cost of every algorithm, ours beside the paper's."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gold_data.views import drawn, png
from gold_train.evaluation.statistics import Interval
from gold_train.report.algorithms import PAPER, PATHWISE
from gold_train.report.line import Cell, Line
from gold_train.report.look import COLOURS, colour, plain

INCHES = (9.5, 4.6)


def draw_plane(lines: Sequence[Line], place: str) -> bytes:
    """A PNG: each group's mean with its 95 % intervals over scenes, the best filled, others hollow; the paper's means.

    `place` says where they were driven.
    """

    def draw(picture: Figure) -> None:
        ours, paper = picture.subplots(1, 2)
        for line in lines:
            _mark(ours, line)
        for name, printed in PAPER.items():
            paper.plot(printed.cost, printed.returned, "o", color=COLOURS[name])
        ours.set_title(f"ours: {place}; square: pathwise, hollow: last checkpoint", loc="left")
        paper.set_title("the paper's Table I, other scenes: means", loc="left")
        for axes in (ours, paper):
            axes.set_xlabel("cost (steps), less is better")
            axes.set_ylabel("return")
            axes.margins(0.1)
            plain(axes)
        there = {line.algorithm.column for line in lines if line.algorithm is not None} | set(PAPER)
        entries = [
            Line2D([], [], marker="o", ls="", color=COLOURS[name], label=name) for name in COLOURS if name in there
        ]
        picture.legend(handles=entries, loc="lower center", ncols=len(entries), frameon=False, columnspacing=1.2)
        picture.subplots_adjust(left=0.065, right=0.985, top=0.93, bottom=0.18, wspace=0.2)

    return png(drawn(INCHES, draw))


def _mark(axes: Axes, line: Line) -> None:
    if line.all is None or line.algorithm is None:
        return
    cost, returned = line.all.figures["cost"], line.all.figures["returned"]
    look = colour(line.algorithm)
    axes.errorbar(
        cost.mean,
        returned.mean,
        xerr=_bars(cost),
        yerr=_bars(returned),
        fmt="s" if line.algorithm.actor == PATHWISE else "o",
        color=look,
        markerfacecolor=look if line.checkpoint == "best" else "white",
        lw=1.0,
        capsize=2,
    )


def _bars(cell: Cell) -> list[list[float]]:
    where = cell.over_scenes or Interval(cell.mean, cell.mean)
    return [[max(cell.mean - where.low, 0.0)], [max(where.high - cell.mean, 0.0)]]
