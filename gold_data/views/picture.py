"""One episode as a PNG: from above, and over time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gold_data.errors import DatasetError, SettingsError
from gold_data.replay.pace import STEP
from gold_data.shards import Dataset, Episode
from gold_data.shards.folder import write_whole_file
from gold_data.views.charts import draw_charts
from gold_data.views.from_above import draw_drive
from gold_data.views.record import FoundRecord, NoRecord, Records
from gold_data.views.scene_above import draw_scene, finish_scene
from gold_data.views.sheet import check_png_path, drawn, png, write_words
from gold_data.views.surroundings import view_around

INCHES = (8.0, 10.0)
NEEDED = (
    "ego_state",
    "log_state",
    "arrived",
    "source",
    "offset",
    "crc",
    "start",
    "start_offset",
    "noise",
    "route_length",
)
NAMING = ("scenario_id", "ego_id", "demonstration")
"""Columns that an episode's id is made of."""
MAP_PLACE = (0.02, 0.425, 0.96, 0.485)
"""Left, bottom, width, height of the view from above, in shares of the figure."""


def draw_episode(
    dataset: Dataset, episode: int | str, to: Path, sources: Sequence[str] = (), step: int | None = None
) -> str | None:
    """Draw an episode, by its number or its id, into the PNG file `to`: 1600 by 2000 dots.

    Others and signals are shown as they are at `step` (the middle of the episode unless given). They and the map come
    from the record, see gold_data.views.record; where it is not found the picture goes without them, and the reason is
    returned. Raises DatasetError, SettingsError, SourceError or OutputError.
    """
    check_png_path(to)
    number = episode_number(dataset, episode)
    found = dataset.episode(number)
    check_drawable(dataset, found)
    length = int(found["length"])
    if step is not None and not 0 <= step <= length:
        raise SettingsError(f"step {step} of episode {number}: it has the steps 0 to {length}")
    record = Records(dataset, sources).of_episode(found)
    picture = figure(found, number, record, length // 2 if step is None else step)
    write_whole_file(to, png(picture))
    return record.reason if isinstance(record, NoRecord) else None


def episode_number(dataset: Dataset, episode: int | str) -> int:
    """The place of an episode in the dataset's order, from its number or its id.

    That is `scenario/ego`, or `scenario/ego/k` for the k-th disturbed drive. Raises DatasetError where there is none.
    """
    count = dataset.manifest.counts.episodes
    if isinstance(episode, int) or episode.isdecimal():
        number = int(episode)
        if not 0 <= number < count:
            raise DatasetError(f"{dataset.root}: has no episode {number}; its {count} episodes count from 0")
        return number
    first = 0
    for shard in dataset.shards():
        held = {file.path.split("/")[0] for file in shard.files}
        columns = dataset.read(shard, [name for name in NAMING if name in held])
        for row in range(shard.episodes):
            if Episode(shard.split, {name: values[row] for name, values in columns.items()}).id == episode:
                return first + row
        first += shard.episodes
    raise DatasetError(
        f"{dataset.root}: has no episode {episode}; name one of its {count} by number, from 0, or as scenario/ego"
    )


def check_drawable(dataset: Dataset, episode: Episode) -> None:
    """Raise DatasetError where an episode lacks a column that is drawn."""
    missing = [name for name in NEEDED if name not in episode.columns]
    if missing:
        raise DatasetError(f"{dataset.root}: has no column {missing[0]}; only episodes of driving can be drawn")


def figure(episode: Episode, number: int, record: FoundRecord | NoRecord, step: int) -> Figure:
    """Lay an episode out on a sheet: the view from above, its legend, four charts below."""

    def draw(picture: Figure) -> None:
        _write_title(picture, episode, number, step)
        _draw_above(picture.add_axes(MAP_PLACE), episode, record, step)
        rows = picture.add_gridspec(2, 2, left=0.06, right=0.97, bottom=0.057, top=0.36, hspace=0.36, wspace=0.14)
        charts = [picture.add_subplot(rows[row, column]) for row in range(2) for column in range(2)]
        draw_charts(charts, episode, step)
        for chart in charts[2:]:
            chart.set_xlabel("seconds", labelpad=1)

    return drawn(INCHES, draw)


def disturbance_words(episode: Episode) -> str:
    """How an episode was kept from following the record, "" where it was not."""
    forward, left, heading, speed = map(float, episode["start_offset"])
    start, noise = int(episode["start"]), float(episode["noise"])
    said = [
        f"starts {start * STEP:.1f} s into the record" if start else "",
        f"{abs(forward):.2f} m {'ahead of' if forward > 0 else 'behind'} its place" if forward else "",
        f"{abs(left):.2f} m to the {'left' if left > 0 else 'right'}" if left else "",
        f"turned {np.degrees(heading):+.1f}°" if heading else "",
        f"{speed:+.1f} m/s" if speed else "",
        f"noise of amplitude {noise:.2f}" if noise else "",
    ]
    return ", ".join(words for words in said if words)


def _draw_above(axes: Axes, episode: Episode, record: FoundRecord | NoRecord, step: int) -> None:
    paths = np.concatenate([episode["ego_state"][:, :2], episode["log_state"][:, :2]])
    view = view_around(paths, (MAP_PLACE[2] * INCHES[0]) / (MAP_PLACE[3] * INCHES[1]))
    # 0.8 m of the world, within what is neither a hair nor hides a lane.
    wide = min(max(0.8 * MAP_PLACE[2] * INCHES[0] * 72 / (view.right - view.left), 3.5), 5.0)
    entries: list[Artist] = [*draw_drive(axes, episode, step, wide)]
    if isinstance(record, FoundRecord):
        entries += draw_scene(axes, record.description, episode["ego_id"], record.first, record.first + step, view)
    else:
        axes.text(0.98, 0.03, "no map and no others: the record was not found", transform=axes.transAxes, ha="right")
    finish_scene(axes, view, entries)


def _write_title(picture: Figure, episode: Episode, number: int, step: int) -> None:
    length = int(episode["length"])
    end = "arrived" if episode["arrived"] else "did not arrive"
    facts = (
        f"{length} steps ({length * STEP:.1f} s), {end}    return {float(episode['return']):.1f}    "
        f"cost {float(episode['cost']):g}    route {float(episode['route_length']):.0f} m"
    )
    write_words(
        picture,
        [
            (0.02, 0.985, episode.id, 12, {"weight": "bold"}),
            (0.98, 0.985, f"{episode.split}, episode {number}", 10, {"ha": "right"}),
            (0.02, 0.96, facts, 9.5, {}),
            (0.98, 0.96, f"seen at step {step} ({step * STEP:.1f} s)", 9.5, {"ha": "right"}),
            (0.02, 0.937, disturbance_words(episode), 8.5, {}),
            (0.02, 0.013, f"{episode['source']}, byte {int(episode['offset'])}", 7.5, {"color": "#555555"}),
        ],
    )
