"""One episode as a PNG: from above, and over time."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gold_data.errors import DatasetError, OutputError, SettingsError
from gold_data.replay.pace import STEP
from gold_data.shards import Dataset, Episode
from gold_data.shards.folder import write_whole_file
from gold_data.views.charts import draw_charts
from gold_data.views.from_above import draw_drive, draw_map, draw_others, draw_scale, draw_signals, legend_entries
from gold_data.views.record import FoundRecord, NoRecord, find_record
from gold_data.views.surroundings import RoadUser, Signal, View, road_users, signals, view_around

INCHES, DOTS_PER_INCH = (8.0, 10.0), 200
NEEDED = ("ego_state", "log_state", "arrived", "source", "offset", "crc", "start", "route_length")
STYLE: list[str | dict[str, Any] | Path] = [
    "default",
    {"font.family": "DejaVu Sans", "font.size": 8.5, "axes.titlesize": 8.5, "legend.fontsize": 8.0},
]
"""Whatever a matplotlibrc says, the same picture."""
MAP_PLACE = (0.02, 0.425, 0.96, 0.485)
"""Left, bottom, width, height of the view from above, in shares of the figure."""


def draw_episode(
    dataset: Dataset, episode: int | str, to: Path, sources: Sequence[str] = (), step: int | None = None
) -> str | None:
    """Draw an episode, by its number or as `scenario/ego`, into the PNG file `to`: 1600 by 2000 dots.

    Others and signals are shown as they are at `step` (the middle of the episode unless given). They and the map come
    from the record, see gold_data.views.record; where it is not found the picture goes without them, and the reason is
    returned. Raises DatasetError, SettingsError, SourceError or OutputError.
    """
    if to.suffix.lower() != ".png":
        raise OutputError(f"{to}: only PNG is written; name a file that ends in .png")
    if not to.parent.is_dir():
        raise OutputError(f"{to}: there is no folder {to.parent}; make it or name another file")
    number = episode_number(dataset, episode)
    found = dataset.episode(number)
    missing = [name for name in NEEDED if name not in found.columns]
    if missing:
        raise DatasetError(f"{dataset.root}: has no column {missing[0]}; only episodes of driving can be drawn")
    length = int(found["length"])
    if step is not None and not 0 <= step <= length:
        raise SettingsError(f"step {step} of episode {number}: it has the steps 0 to {length}")
    record = find_record(dataset, found, sources)
    picture = figure(found, number, record, length // 2 if step is None else step)
    write_whole_file(to, png(picture))
    return record.reason if isinstance(record, NoRecord) else None


def episode_number(dataset: Dataset, episode: int | str) -> int:
    """The place of an episode in the dataset's order, from its number or its `scenario/ego` id.

    Raises DatasetError where there is no such episode.
    """
    count = dataset.manifest.counts.episodes
    if isinstance(episode, int) or episode.isdecimal():
        number = int(episode)
        if not 0 <= number < count:
            raise DatasetError(f"{dataset.root}: has no episode {number}; its {count} episodes count from 0")
        return number
    first = 0
    for shard in dataset.shards():
        names = dataset.read(shard, ["scenario_id", "ego_id"])
        ids = [f"{scenario}/{ego}" for scenario, ego in zip(names["scenario_id"], names["ego_id"], strict=True)]
        if episode in ids:
            return first + ids.index(episode)
        first += shard.episodes
    raise DatasetError(
        f"{dataset.root}: has no episode {episode}; name one of its {count} by number, from 0, or as scenario/ego"
    )


def figure(episode: Episode, number: int, record: FoundRecord | NoRecord, step: int) -> Figure:
    """Lay an episode out on a figure: the view from above, its legend, four charts below."""
    with matplotlib.style.context(STYLE):
        picture = Figure(figsize=INCHES)
        FigureCanvasAgg(picture)
        _write_title(picture, episode, number, step)
        above = picture.add_axes(MAP_PLACE)
        view = _draw_above(above, episode, record, step)
        _frame(above, view)
        rows = picture.add_gridspec(2, 2, left=0.06, right=0.97, bottom=0.035, top=0.36, hspace=0.36, wspace=0.14)
        charts = [picture.add_subplot(rows[row, column]) for row in range(2) for column in range(2)]
        draw_charts(charts, episode, step)
        for chart in charts[2:]:
            chart.set_xlabel("seconds", labelpad=1)
    return picture


def png(picture: Figure) -> bytes:
    """Give a figure as a PNG: the same bytes whenever it is asked."""
    content = BytesIO()
    with matplotlib.style.context(STYLE):
        # By default the version of matplotlib is written into the file.
        picture.savefig(content, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return content.getvalue()


def _draw_above(axes: Axes, episode: Episode, record: FoundRecord | NoRecord, step: int) -> View:
    paths = np.concatenate([episode["ego_state"][:, :2], episode["log_state"][:, :2]])
    aspect = (MAP_PLACE[2] * INCHES[0]) / (MAP_PLACE[3] * INCHES[1])
    view = view_around(paths, aspect)
    users: list[RoadUser] = []
    lights: list[Signal] = []
    if isinstance(record, FoundRecord):
        frame = record.first + step
        users = road_users(record.description, episode["ego_id"], record.first, frame, view)
        lights = signals(record.description, frame, view)
        draw_map(axes, record.description, view)
    else:
        axes.text(0.98, 0.03, "no map and no others: the record was not found", transform=axes.transAxes, ha="right")
    draw_others(axes, users)
    draw_signals(axes, lights)
    # 0.8 m of the world, within what is neither a hair nor hides a lane.
    wide = min(max(0.8 * MAP_PLACE[2] * INCHES[0] * 72 / (view.right - view.left), 3.5), 5.0)
    draw_drive(axes, episode, step, wide)
    draw_scale(axes, view)
    axes.legend(
        handles=legend_entries(users, lights),
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=10,
        frameon=False,
        columnspacing=1.4,
        handletextpad=0.5,
        handlelength=1.2,
    )
    return view


def _frame(axes: Axes, view: View) -> None:
    axes.set_xlim(view.left, view.right)
    axes.set_ylim(view.bottom, view.top)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])


def _write_title(picture: Figure, episode: Episode, number: int, step: int) -> None:
    length = int(episode["length"])
    end = "arrived" if episode["arrived"] else "did not arrive"
    facts = (
        f"{length} steps ({length * STEP:.1f} s), {end}    return {float(episode['return']):.1f}    "
        f"cost {float(episode['cost']):g}    route {float(episode['route_length']):.0f} m"
    )
    place = f"{episode['source']}, byte {int(episode['offset'])}"
    texts: tuple[tuple[float, float, str, float, dict[str, Any]], ...] = (
        (0.02, 0.985, episode.id, 12, {"weight": "bold"}),
        (0.98, 0.985, f"{episode.split}, episode {number}", 10, {"ha": "right"}),
        (0.02, 0.96, facts, 9.5, {}),
        (0.98, 0.96, f"seen at step {step} ({step * STEP:.1f} s)", 9.5, {"ha": "right"}),
        (0.02, 0.937, place, 8, {"color": "#555555"}),
    )
    for x, y, words, size, look in texts:
        picture.text(x, y, words, size=size, va="top", parse_math=False, **look)
