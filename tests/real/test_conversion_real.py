"""Real records, converted: what is kept, how well it is tracked, and that no count is lost."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from gold_data import ConvertSettings, Dataset, convert
from gold_data.conversion.drives import group_drives
from gold_data.conversion.index import SourceIndex, index_source
from gold_data.conversion.plan import make_plan
from gold_data.errors import SourceError
from gold_data.shards import verify
from gold_data.sources import find_sources
from gold_data.womd import Frame, scan

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))
KINDS = ("training", "rebuilt_real_links", "inferred_links", "training_20s")
SAME_DRIVE = {
    frozenset({"6a74ef935eeccf74", "76b074c694a80fc"}),
    frozenset({"6b23ea1b705fc085", "b806275e41f4ba0a"}),
}
SAME_DRIVE_CROPPED = frozenset({"71690d2184b2b44e", "5f794f80b2fc37b"})
"""Named in womd/INVENTORY.md."""

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason="no WOMD records: set GOLD_WOMD")


def rows(dataset: Dataset, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (dataset.root / name).read_text().splitlines()]


def drives(indices: list[SourceIndex]) -> set[frozenset[str]]:
    """Drives of more than one scenario."""
    records = list({record.scenario_id: record for index in indices for record in index.records}.values())
    groups = defaultdict(set)
    for record, drive in zip(records, group_drives(records), strict=True):
        groups[drive].add(record.scenario_id)
    return {frozenset(group) for group in groups.values() if len(group) > 1}


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    out = tmp_path_factory.mktemp("real") / "dataset"
    settings = ConvertSettings(unit=20)
    return convert([str(WOMD / kind) for kind in KINDS], out, settings, workers=2, console=Console(quiet=True))


def test_counts(real: Dataset) -> None:
    counts = real.manifest.counts
    assert counts.records.model_dump() == {"read": 119, "damaged": 0, "duplicate": 0, "scenarios": 119}
    assert counts.scenarios.model_dump() == {"kept": 87, "rejected": 32, "unplanned": 0}
    assert counts.egos.model_dump() == {"considered": 119, "kept": 87, "rejected": 32, "unplanned": 0}
    assert counts.episodes == 87
    assert verify(real.root) == []


def test_who_is_rejected_and_why(real: Dataset) -> None:
    found = rows(real, "rejected.jsonl")
    assert Counter(row["rule"] for row in found) == {"parked": 31, "pose_jump": 1}
    assert [row["scenario"] for row in found if row["rule"] == "pose_jump"] == ["a2e36ea909d28a37"]
    assert all(row["value"] < 10 for row in found if row["rule"] == "parked")


def test_every_episode_arrives_where_the_record_does_and_touches_nobody(real: Dataset) -> None:
    for episode in real.episodes():
        assert episode["arrived"], episode.id
        assert episode["terminated"], episode.id
        assert not episode["costs"].any(), episode.id
        assert episode["displacement_final"] < 0.5, episode.id
        assert np.isfinite(episode["observations"]).all(), episode.id
        assert episode["observations"].shape == (episode["length"] + 1, real.observation_blocks[-1].stop)


@pytest.fixture(scope="session")
def to_the_end(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The same, driven to the records' ends and not only to arrival."""
    out = tmp_path_factory.mktemp("to_the_end") / "dataset"
    settings = ConvertSettings.model_validate({"unit": 20, "ends": {"end": "record"}})
    return convert([str(WOMD / kind) for kind in KINDS], out, settings, workers=2, console=Console(quiet=True))


def test_tracking_is_as_close_as_when_the_tracker_was_tuned(to_the_end: Dataset) -> None:
    """Metres, within a quarter of what was measured then, on 82 of these drives and to the records' ends too."""
    final, mean = (to_the_end.array(name) for name in ("displacement_final", "displacement_mean"))
    assert len(final) == 87
    assert np.median(final) < 1.25 * 0.021
    assert np.percentile(final, 95) < 1.25 * 0.100
    assert np.median(mean) < 1.25 * 0.056
    assert np.percentile(mean, 95) < 1.25 * 0.094


def test_a_drive_is_in_one_split(real: Dataset) -> None:
    split = {episode["scenario_id"]: episode.split for episode in real.episodes()}
    drive = {episode["scenario_id"]: episode["drive"] for episode in real.episodes()}
    for pair in SAME_DRIVE:
        kept = [scenario for scenario in pair if scenario in split]
        assert len({split[scenario] for scenario in kept}) <= 1
        assert {drive[scenario] for scenario in kept} <= {min(pair)}
    alone = [scenario for scenario in drive if all(scenario not in pair for pair in SAME_DRIVE)]
    assert all(drive[scenario] == scenario for scenario in alone)
    assert {name: count.planned for name, count in real.manifest.splits.items()} == {
        **{"train": 69, "validation": 9, "test": 9}
    }


def test_an_episode_says_where_its_record_is(real: Dataset) -> None:
    sources = {source.name: source for source in find_sources([str(WOMD / kind) for kind in KINDS])}
    for episode in list(real.episodes())[::10]:
        with sources[episode["source"]].contents() as file:
            frames = {frame.offset: frame for frame in scan(file) if isinstance(frame, Frame)}
            assert frames[int(episode["offset"])].crc == episode["crc"]


@pytest.fixture(scope="session")
def everything() -> list[SourceIndex]:
    """All records that there are, indexed."""
    places = [str(place) for place in (WOMD, WOMD.parent / "womd_more") if place.is_dir()]
    return [index_source(source, ConvertSettings()) for source in find_sources(places)]


def test_all_records_are_planned_and_no_count_is_lost(everything: list[SourceIndex]) -> None:
    plan = make_plan(everything, ConvertSettings())
    records = sum(len(index.records) for index in everything)
    assert records >= 129
    assert plan.damaged == ()
    assert plan.scenarios + len(plan.duplicates) == records
    assert plan.planned + len(plan.rejected) == plan.scenarios
    brief = [row for row in plan.rejected if row.source.startswith(("womd/testing_11_steps", "womd/truncated_map"))]
    assert {(row.rule, row.value) for row in brief} == {("too_short", 11.0), ("too_short", 41.0)}
    assert Counter(row.value for row in brief) == {11.0: 3, 41.0: 7}


def test_the_known_pairs_are_drives_and_nothing_else(everything: list[SourceIndex]) -> None:
    assert drives(everything) == {*SAME_DRIVE, SAME_DRIVE_CROPPED}


def test_cropped_maps_can_be_driven_or_are_named(tmp_path: Path) -> None:
    settings = ConvertSettings.model_validate({"acceptance": {"min_steps": 40}})
    sources = [str(WOMD / kind) for kind in ("testing_11_steps", "truncated_map")]
    dataset = convert(sources, tmp_path / "out", settings, workers=2, console=Console(quiet=True))
    found = rows(dataset, "rejected.jsonl")
    counts = dataset.manifest.counts
    assert counts.records.scenarios == 10
    assert counts.scenarios.kept + len(found) == 10
    assert Counter(row["rule"] for row in found)["too_short"] == 3
    assert {row["source"].split("/")[0] for row in found if row["rule"] == "too_short"} == {"testing_11_steps"}
    assert not {row["rule"] for row in found} & {"simulator_error", "not_describable"}
    assert verify(dataset.root) == []


def test_one_flipped_byte_costs_one_record(tmp_path: Path, real: Dataset) -> None:
    name = "training_rebuilt.tfrecord-00000-of-00003"
    (tmp_path / "rebuilt_real_links").mkdir()
    copy = tmp_path / "rebuilt_real_links" / name
    shutil.copyfile(WOMD / "rebuilt_real_links" / name, copy)
    (source,) = find_sources([str(copy)])
    before = index_source(source, ConvertSettings())
    hit = before.records[2]
    with copy.open("r+b") as file:
        file.seek(hit.offset + 5000)
        (byte,) = file.read(1)
        file.seek(hit.offset + 5000)
        file.write(bytes([byte ^ 0x10]))
    dataset = convert([str(copy.parent)], tmp_path / "out", workers=2, console=Console(quiet=True))
    (damaged,) = rows(dataset, "damaged.jsonl")
    assert (damaged["source"], damaged["offset"]) == (f"rebuilt_real_links/{name}", hit.offset)
    assert "CRC" in damaged["reason"]
    counts = dataset.manifest.counts
    assert (counts.records.read, counts.records.damaged) == (len(before.records), 1)
    others = {
        episode["scenario_id"]: episode
        for episode in real.episodes()
        if episode["source"] == f"rebuilt_real_links/{name}" and episode["scenario_id"] != hit.scenario_id
    }
    found = {episode["scenario_id"]: episode for episode in dataset.episodes()}
    assert found.keys() == others.keys()
    assert hit.scenario_id not in found
    for scenario, episode in found.items():
        for column in ("observations", "actions", "rewards", "costs", "ego_state", "offset", "crc"):
            np.testing.assert_array_equal(episode[column], others[scenario][column])


WRONG_KIND = WOMD.parent / "wrong_kind"


@pytest.mark.skipif(not WRONG_KIND.is_dir(), reason="no files of another kind beside the records")
def test_files_of_another_kind_are_refused(tmp_path: Path) -> None:
    # A pickle of ScenarioNet's is a source, whatever it is called.
    pickles = {"scenarionet_pickle.tfrecord"}
    names = sorted(path for path in WRONG_KIND.iterdir() if path.suffix != ".md" and path.name not in pickles)
    assert len(names) >= 8
    for path in names:
        with pytest.raises(SourceError, match=path.name) as caught:
            convert([str(path)], tmp_path / "out", workers=0, console=Console(quiet=True))
        assert "\n" not in str(caught.value)
        assert not (tmp_path / "out").exists()
