"""Pictures of real episodes: the record is found again, and what is drawn of it is what it says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from gold_data import ConvertSettings, Dataset, convert
from gold_data.scenarionet import load
from gold_data.shards import open_dataset
from gold_data.views.contents import contents
from gold_data.views.incident import incident
from gold_data.views.picture import figure
from gold_data.views.record import FoundRecord, NoRecord, Records
from gold_data.views.rejected_egos import rejected_egos
from gold_data.views.report import write_report
from gold_data.views.surroundings import View, road_users

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))
PICKLES = WOMD.with_name("womd_scenarionet") / "v1.2_20s"
FILES = (
    "training_20s/training_20s_rebuilt.tfrecord-00002-of-00005",
    "training_20s/training_20s_rebuilt.tfrecord-00003-of-00005",
    "inferred_links/signals_json_rebuilt.tfrecord-00000-of-00002",
)
"""20 s drives, and drives past signals."""

pytestmark = pytest.mark.skipif(not all((WOMD / file).exists() for file in FILES), reason="no WOMD: set GOLD_WOMD")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    out = tmp_path_factory.mktemp("views") / "dataset"
    sources = [str(WOMD / file) for file in FILES]
    return convert(sources, out, ConvertSettings(scenarios=True), workers=0, console=Console(quiet=True))


def test_the_record_is_found_in_every_place(dataset: Dataset) -> None:
    for episode in dataset.episodes():
        in_sources = Records(dataset, [str(WOMD)]).of_episode(episode)
        in_database = Records(dataset, []).of_episode(episode)
        assert isinstance(in_sources, FoundRecord)
        assert isinstance(in_database, FoundRecord)
        log = episode["log_state"]
        for found in (in_sources, in_database):
            track = found.description["tracks"][episode["ego_id"]]["state"]["position"]
            # The episode's log went through a frame centred on the ego, in float32.
            assert np.abs(track[found.first : found.first + len(log), :2] - log[:, :2]).max() < 2e-3


def test_pictures_show_the_record(dataset: Dataset) -> None:
    met_users = met_signals = 0
    for number, episode in enumerate(dataset.episodes()):
        record = Records(dataset, []).of_episode(episode)
        assert isinstance(record, FoundRecord)
        step = int(episode["length"]) // 2
        above, *_ = figure(episode, number, record, step).axes
        view = View(*above.get_xlim(), *above.get_ylim())
        assert view.contains(episode["log_state"][:, :2]).all()
        (recorded,) = [one for one in above.lines if one.get_label() == "recorded"]
        assert np.array_equal(np.asarray(recorded.get_xydata()), episode["log_state"][:, :2])
        boxes = [one for one in above.collections if one.get_gid() == "road user"]
        states = [t["state"] for n, t in record.description["tracks"].items() if n != episode["ego_id"]]
        frame = record.first + step
        expected = [s for s in states if s["valid"][frame] and view.contains(s["position"][frame, :2])]
        assert len(boxes) == len(expected)
        met_users += len(boxes)
        met_signals += sum(one.get_gid() == "signal" for one in above.lines)
    assert met_users > 50
    assert met_signals > 5


def test_a_description_from_the_database_has_the_same_others(dataset: Dataset) -> None:
    episode = dataset.episode(0)
    (path,) = dataset.root.glob(f"scenarios/*/*_{episode['scenario_id']}.pkl")
    found = Records(dataset, [str(WOMD)]).of_episode(episode)
    assert isinstance(found, FoundRecord)
    whole = View(-1e9, 1e9, -1e9, 1e9)
    here, there = (road_users(one, episode["ego_id"], 0, 20, whole) for one in (load(path), found.description))
    assert len(here) == len(there) > 0
    assert all(np.array_equal(a.outline, b.outline) for a, b in zip(here, there, strict=True))


def test_a_report_shows_each_rule_and_the_records_are_found(dataset: Dataset, tmp_path: Path) -> None:
    with_database = write_report(dataset, tmp_path / "a.html")
    assert with_database == ()
    rules = {ego.rule for ego in rejected_egos(dataset)}
    content = (tmp_path / "a.html").read_text()
    assert {"parked", "pose_jump"} <= rules
    assert content.count("<img ") == len(rules) + 1
    assert all(f'id="{rule}"' in content for rule in rules)
    assert max(map(len, re.findall(r"base64,([^\"]*)", content))) * 3 / 4 < 150_000


def test_a_rejection_is_marked_where_acceptance_met_it(dataset: Dataset) -> None:
    (jump,) = [ego for ego in rejected_egos(dataset) if ego.rule == "pose_jump"]
    record = Records(dataset, [str(WOMD)]).of_rejected(jump)
    assert not isinstance(record, NoRecord)
    found = incident(jump, record)
    assert found is not None
    state = record["tracks"][jump.ego]["state"]
    taken = np.diff(state["position"][found.frame - 1 : found.frame + 1, :2].astype(np.float64), axis=0)[0] / 0.1
    mean = state["velocity"][found.frame - 1 : found.frame + 1].mean(axis=0)
    assert np.hypot(*(taken - mean)) == pytest.approx(jump.value, abs=0.02)


@pytest.mark.skipif(not PICKLES.exists(), reason="no ScenarioNet databases")
def test_a_scenarionet_database_is_a_source_of_records_too(dataset: Dataset, tmp_path: Path) -> None:
    """The same drives, converted from pickles: their records are found again and are those of the TFRecord."""
    converted = convert([str(PICKLES)], tmp_path / "pickles", ConvertSettings(), workers=0, console=Console(quiet=True))
    episode = converted.episode(0)
    assert str(episode["source"]).endswith(".pkl")
    found = Records(converted).of_episode(episode)
    assert isinstance(found, FoundRecord)
    track = found.description["tracks"][episode["ego_id"]]["state"]["position"]
    log = episode["log_state"]
    assert np.abs(track[found.first : found.first + len(log), :2] - log[:, :2]).max() < 2e-3


def test_contents_add_up(dataset: Dataset) -> None:
    found = contents(open_dataset(dataset.root))
    assert [split.name for split in found.splits] == ["train", "validation", "test"]
    assert sum(split.episodes for split in found.splits) == found.episodes == len(list(dataset.episodes()))
    assert sum(row.egos for row in found.rejections) == found.egos["rejected"]
    assert found.sources == tuple(str(WOMD / file) for file in FILES)
    assert [row.name for row in found.settings_changed] == ["scenarios"]
