"""A dataset as one HTML page that needs nothing but itself: counts, histograms, scenes."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined
from matplotlib.figure import Figure

from gold_data.errors import GoldDataError, OutputError
from gold_data.replay.pace import STEP
from gold_data.shards import Dataset, Episode
from gold_data.shards.folder import write_whole_file
from gold_data.views.chosen import disturbed_episodes, named_episodes, other_egos
from gold_data.views.contents import contents
from gold_data.views.histograms import histograms
from gold_data.views.incident import incident
from gold_data.views.inspect import duration_text, size_text
from gold_data.views.picture import check_drawable, disturbance_words, figure
from gold_data.views.record import FoundRecord, NoRecord, Records
from gold_data.views.rejected import rejected_figure
from gold_data.views.rejected_egos import RejectedEgo, first_of_each_rule, rejected_egos
from gold_data.views.sheet import check_folder, small_png


@dataclass(frozen=True)
class PageScene:
    """A picture (base64 of a PNG, "" where there is none), its size in dots, its words, and what it lacks and why."""

    title: str
    words: str
    anchor: str = ""
    picture: str = ""
    width: int = 0
    height: int = 0
    missing: str = ""


@dataclass(frozen=True)
class Section:
    """Scenes of one kind."""

    title: str
    words: str
    scenes: tuple[PageScene, ...]


@dataclass(frozen=True)
class Sum:
    """A count and the parts that it is the sum of."""

    what: str
    whole: int
    parts: tuple[tuple[str, int], ...]


def write_report(dataset: Dataset, to: Path, sources: Sequence[str] = ()) -> tuple[str, ...]:
    """Write the report of a dataset into the HTML file `to`; give the reasons for which scenes lack map and others.

    Records are looked for as gold_data.views.record says. Raises OutputError where `to` cannot be written, SourceError
    where `sources` lead to no records at all, DatasetError where the dataset cannot be read.
    """
    if to.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"{to}: only HTML is written; name a file that ends in .html")
    check_folder(to)
    records = Records(dataset, sources)
    records.check_given()
    found = contents(dataset)
    rejected = tuple(_rejected_scene(ego, records) for ego in first_of_each_rule(rejected_egos(dataset)))
    sections = _sections(dataset, records)
    scenes = [*rejected, *(scene for section in sections for scene in section.scenes)]
    notes = tuple(dict.fromkeys(scene.missing for scene in scenes if scene.missing))
    template = Environment(
        undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    ).from_string(files("gold_data.views").joinpath("report.html.j2").read_text())
    page = template.render(
        found=found,
        sums=_sums(dataset),
        histograms=histograms(dataset),
        rejected=rejected,
        sections=sections,
        notes=notes[:1],
        size=size_text,
        duration=duration_text,
    )
    write_whole_file(to, page.encode())
    return notes


def _sums(dataset: Dataset) -> tuple[Sum, ...]:
    counts = dataset.manifest.counts
    records, scenarios, egos, drives = counts.records, counts.scenarios, counts.egos, counts.demonstrations
    sums = [
        Sum(
            "records read",
            records.read,
            (("scenarios", records.scenarios), ("damaged", records.damaged), ("duplicate", records.duplicate)),
        ),
        Sum(
            "scenarios",
            records.scenarios,
            (("kept", scenarios.kept), ("rejected", scenarios.rejected), ("not asked for", scenarios.unplanned)),
        ),
        Sum("egos considered", egos.considered, (("kept", egos.kept), ("rejected", egos.rejected))),
    ]
    if drives.driven:
        sums.append(Sum("disturbed drives", drives.driven, (("kept", drives.kept), ("rejected", drives.rejected))))
    sums.append(Sum("episodes", counts.episodes, (("egos", egos.kept), ("disturbed drives", drives.kept))))
    return tuple(sums)


def _rejected_scene(ego: RejectedEgo, records: Records) -> PageScene:
    title = f"{ego.rule}: {ego.id}"
    words = f"{ego.reason}. {ego.source}, byte {ego.offset}."
    if ego.rule == "not_describable":
        return PageScene(title, words, ego.rule, missing="There is no scene to draw of a record that is none.")
    try:
        record = records.of_rejected(ego)
    except GoldDataError as error:
        record = NoRecord(str(error))
    if isinstance(record, NoRecord):
        return PageScene(title, words, ego.rule, missing=f"Not drawn: {record.reason}")
    met = incident(ego, record)
    where = "" if met is None else f" Marked: x {met.place[0]:.1f} m, y {met.place[1]:.1f} m, {met.words}."
    return _drawn(title, f"Scene from above. {words}{where}", rejected_figure(ego, record), anchor=ego.rule)


def _sections(dataset: Dataset, records: Records) -> tuple[Section, ...]:
    if not dataset.manifest.counts.episodes:
        return ()
    episodes = named_episodes(dataset)
    others: tuple[int, ...] | NoRecord
    try:
        others = other_egos(dataset, episodes, records)
    except GoldDataError as error:
        others = NoRecord(str(error))
    disturbed = disturbed_episodes(episodes)
    sections = []
    if isinstance(others, NoRecord):
        words = f"Which ego is the record's own car is not known without the records: {others.reason}"
        sections.append(Section("Other egos than the record's own car", words, ()))
    elif others:
        scenes = tuple(_episode_scene(dataset, number, records) for number in others)
        words = "The first by id, each of another scenario, driven along its record without a disturbance."
        sections.append(Section("Other egos than the record's own car", words, scenes))
    if disturbed:
        scenes = tuple(_episode_scene(dataset, number, records) for number in disturbed)
        words = "The first by id, each of another scenario: what was done, and dashed what the tracker would have done."
        sections.append(Section("Disturbed drives", words, scenes))
    if not others and not disturbed:
        number = episodes[0].number
        words = "The first by id."
        sections.append(Section("An episode", words, (_episode_scene(dataset, number, records),)))
    return tuple(sections)


def _episode_scene(dataset: Dataset, number: int, records: Records) -> PageScene:
    episode = dataset.episode(number)
    check_drawable(dataset, episode)
    record: FoundRecord | NoRecord
    try:
        record = records.of_episode(episode)
    except GoldDataError as error:
        record = NoRecord(str(error))
    missing = f"Drawn without map and others: {record.reason}" if isinstance(record, NoRecord) else ""
    picture = figure(episode, number, record, int(episode["length"]) // 2)
    return _drawn(f"{episode.id}, episode {number}", _episode_words(episode), picture, missing=missing)


def _episode_words(episode: Episode) -> str:
    """What the picture of an episode shows, in numbers."""
    apart = np.hypot(*(episode["ego_state"][:, :2] - episode["log_state"][:, :2]).T)
    speed = np.hypot(*episode["ego_state"][:, 4:6].T)
    farthest = int(np.argmax(apart))
    disturbance = disturbance_words(episode)
    return (
        f"From above and over time: {int(episode['length'])} steps along {float(episode['route_length']):.0f} m at "
        f"{speed.min():.1f} to {speed.max():.1f} m/s, {'arrived' if episode['arrived'] else 'did not arrive'}, "
        f"return {float(episode['return']):.1f}, cost {float(episode['cost']):g}."
        + (f" Disturbed: {disturbance}." if disturbance else "")
        + f" Off the record by {apart[0]:.2f} m at the start, {apart[-1]:.2f} m at the end and at most "
        f"{apart[farthest]:.2f} m, at {farthest * STEP:.1f} s." + _inputs_words(episode)
    )


def _inputs_words(episode: Episode) -> str:
    expert = episode.columns.get("expert_actions")
    if expert is None or np.array_equal(expert, episode["actions"]):
        return ""
    steering, throttle = np.abs(episode["actions"] - expert).mean(axis=0)
    return f" On average {steering:.2f} in steering and {throttle:.2f} in throttle from what the tracker would do."


def _drawn(title: str, words: str, picture: Figure, anchor: str = "", missing: str = "") -> PageScene:
    content = small_png(picture)
    width, height = struct.unpack(">II", content[16:24])  # PNG, 11.2.1: the header is the first chunk
    return PageScene(title, words, anchor, b64encode(content).decode(), width, height, missing)
