"""Fig. 2: learning curves by steps and by minutes, quartiles over seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gold_data.views import drawn, png
from gold_train.report.algorithms import ALGORITHMS
from gold_train.report.curve import FIGURES, Curve, band
from gold_train.report.look import OFFLINE, TITLES, colour, dashes, plain

INCHES = (9.5, 6.2)


def draw_curves(curves: Sequence[Curve]) -> bytes:
    """A PNG: success, contact and return on the validation scenes, above by steps, below by minutes.

    A line is the median over seeds, the band about it has half of them. By steps, what is trained offline is a level
    where anything learns online: updates are no steps of an environment.
    """
    groups = _by_group(curves)
    online = any(group[0].algorithm.kind not in OFFLINE for group in groups)

    def draw(picture: Figure) -> None:
        axes = picture.subplots(2, len(FIGURES), squeeze=False)
        for column, figure in enumerate(FIGURES):
            for group in groups:
                if online and group[0].algorithm.kind in OFFLINE:
                    _level(axes[0, column], group, figure)
                else:
                    _line(axes[0, column], group, figure, by_minutes=False)
                _line(axes[1, column], group, figure, by_minutes=True)
            axes[0, column].set_title(TITLES[figure], loc="left")
            for row, label in enumerate(("environment steps" if online else "updates", "minutes")):
                axes[row, column].set_xlabel(label)
                axes[row, column].xaxis.set_major_locator(MaxNLocator(nbins=5))
                plain(axes[row, column])
        handles, labels = axes[1, 0].get_legend_handles_labels()
        picture.legend(handles, labels, loc="lower center", ncols=min(4, max(1, len(labels))), frameon=False)
        rows = -(-len(labels) // 4)
        picture.suptitle("Validation scenes: median over seeds, half of the seeds in the band", x=0.06, ha="left")
        picture.subplots_adjust(left=0.06, right=0.985, top=0.9, bottom=0.1 + 0.035 * rows, hspace=0.34, wspace=0.2)

    return png(drawn(INCHES, draw))


def _by_group(curves: Sequence[Curve]) -> list[list[Curve]]:
    """Runs that differ in their seed alone together, in the table's order."""
    gathered: dict[tuple[int, str], list[Curve]] = {}
    for curve in curves:
        gathered.setdefault((ALGORITHMS.index(curve.algorithm), curve.group), []).append(curve)
    return [gathered[key] for key in sorted(gathered, key=lambda key: key[0])]


def _line(axes: Axes, group: Sequence[Curve], figure: str, *, by_minutes: bool) -> None:
    found = band(group, figure, by_minutes=by_minutes)
    if found is None:
        return
    algorithm = group[0].algorithm
    (line,) = axes.plot(found.x, found.middle, color=colour(algorithm), lw=1.4, label=_label(group))
    line.set(linestyle=dashes(algorithm), marker="o", markersize=2.5)
    if len(group) > 1:
        axes.fill_between(found.x, found.low, found.high, color=colour(algorithm), alpha=0.18, lw=0)


def _level(axes: Axes, group: Sequence[Curve], figure: str) -> None:
    level = float(np.median([curve.at_best(figure) for curve in group]))
    axes.axhline(level, color=colour(group[0].algorithm), ls="dotted", lw=1.4)


def _label(group: Sequence[Curve]) -> str:
    return f"{group[0].algorithm.name} ({len(group)} seed{'s' if len(group) > 1 else ''})"
