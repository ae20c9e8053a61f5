"""Real ScenarioNet databases of four generations: what becomes of each pickle, held against the record it is of."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gold_data.replay import DriveJob, Isolated, Rollout, Tracked, blocks, drive_job, slices
from gold_data.scenarionet import Description, cut_frames
from gold_data.settings import ConvertSettings
from gold_data.sources import Outlined, Source, find_sources, outlines, read_description
from gold_data.trajectories.acceptance import longest_run
from gold_data.womd import Damage

SHARED = Path(__file__).parents[3] / "shared"
WOMD = Path(os.environ.get("GOLD_WOMD", SHARED / "womd"))
PUBLISHED = WOMD.parent / "womd_scenarionet"
OF_BOTH = [str(WOMD / name) for name in ("rebuilt_real_links", "training_20s")]

OUTLINED = {
    "metadrive_assets_waymo": 3,
    "metadrive_v0.3.0.1_20s": 3,
    "metadrive_v0.3.0.1_91": 11,
    "scenestreamer_waymo_20s_debug": 6,
    "v1.2_20s": 1,
    "v1.2_91": 17,
}
SIGNALS_LEFT = {"4d320edc9cb801a3": 12, "6f85f27e0243fc10": 19, "8799c31b5be1f312": 6, "b36a6d0bc9e525bc": 21}
"""How many steps are left of the signals of each damaged scenario; each had hundreds."""

DRIVEN = ("observations", "actions", "rewards", "costs", "flags", "ego_state", "log_state")

pytestmark = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="no ScenarioNet databases: set GOLD_WOMD")


@cache
def places(*arguments: str) -> dict[str, tuple[Source, Outlined]]:
    return {
        found.outline.scenario_id: (source, found)
        for source in find_sources(arguments)
        for found in outlines(source)
        if isinstance(found, Outlined)
    }


def described(place: tuple[Source, Outlined]) -> Description:
    source, found = place
    return read_description(source, found.offset, found.crc)


def test_each_of_45_is_outlined_or_set_aside_with_a_true_reason() -> None:
    whole: Counter[str] = Counter()
    reasons = {}
    for source in find_sources([str(PUBLISHED)]):
        (found,) = outlines(source)
        path = Path(source.name)
        if isinstance(found, Damage):
            reasons[path.stem] = found.reason
        else:
            whole[path.parent.name] += 1
            assert path.stem.endswith(found.outline.scenario_id)
    assert whole == OUTLINED
    assert reasons == {
        name: (
            f"its traffic signals are damaged: as MetaDrive wrote them until April 2023, {count} signals keep "
            f"{count} steps in all; make the database anew from WOMD, or "
            "convert WOMD itself"
        )
        for name, count in SIGNALS_LEFT.items()
    }


def test_each_is_the_record_that_was_rebuilt_from_it() -> None:
    """But for what the rebuilt records lack: values of invalid steps, and the lanes that old files call UNKNOWN."""
    pickles, records = places(str(PUBLISHED)), places(*OF_BOTH)
    assert len(pickles) == sum(OUTLINED.values())
    lanes = 0
    for name, place in pickles.items():
        pickled, record = described(place), described(records[name])
        assert_tracks_equal(pickled["tracks"], record["tracks"])
        assert_equal(pickled["dynamic_map_states"], record["dynamic_map_states"])
        assert list(pickled["map_features"]) == list(record["map_features"])
        for key, feature in pickled["map_features"].items():
            other = record["map_features"][key]
            if other["type"] == "UNKNOWN":
                lanes += 1
                assert feature["type"] == "LANE_UNKNOWN"
                assert feature["width"].shape == (len(feature["polyline"]), 2)
                assert_equal(feature["polyline"], other["polyline"])
            else:
                assert_equal(feature, other)
        metadata, its = dict(pickled["metadata"]), dict(record["metadata"])
        assert np.abs(metadata.pop("ts") - its.pop("ts")).max() <= np.spacing(np.float32(10))
        assert metadata.pop("source_file") != its.pop("source_file")
        assert_equal(metadata, its)
        assert [pickled[key] for key in ("id", "version", "length")] == [
            record[key] for key in ("id", "version", "length")
        ]
    assert lanes == 34


def assert_tracks_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert list(one) == list(other)
    for name, track in one.items():
        assert_equal({**track, "state": {}}, {**other[name], "state": {}})
        valid = track["state"]["valid"]
        for key, values in track["state"].items():
            assert_equal(values[valid], other[name]["state"][key][valid])


def assert_equal(one: Any, other: Any) -> None:
    """Equal values of equal types in equal order, arrays to the bit."""
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            assert_equal(one[key], other[key])
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    else:
        assert one == other


def driven(place: tuple[Source, Outlined]) -> Rollout:
    description = described(place)
    ego = description["metadata"]["sdc_id"]
    run = longest_run(description["tracks"][ego]["state"]["valid"])
    with Isolated(drive_job, 300.0) as simulator:
        result = simulator(DriveJob(cut_frames(description, run.start, run.stop), ego, ConvertSettings()))
    assert isinstance(result, Tracked)
    return result.rollout


@pytest.mark.parametrize("name", ["c403d5992cab9e0", "149f682e19454efa", "4a6a7d8b6239a645"])
def test_the_drive_from_a_pickle_is_the_drive_from_the_record(name: str) -> None:
    """From MetaDrive's assets, v0.3.0.1 and v1.2."""
    one, other = (driven(place) for place in (places(str(PUBLISHED))[name], places(*OF_BOTH)[name]))
    for column in DRIVEN:
        assert_equal(getattr(one, column), getattr(other, column))


def test_where_a_lane_was_rebuilt_as_a_kerb_only_the_side_detector_tells_them_apart() -> None:
    one, other = (driven(place["903f0fd7bf4a17cb"]) for place in (places(str(PUBLISHED)), places(*OF_BOTH)))
    for column in DRIVEN[1:]:
        assert_equal(getattr(one, column), getattr(other, column))
    differing = np.flatnonzero((one.observations != other.observations).any(axis=0))
    side = slices(blocks(ConvertSettings().simulator.lidar_rays))["side"]
    assert 1 <= len(differing) == len([column for column in differing if side.start <= column < side.stop])


def test_databases_found_are_the_ones_that_are_there(tmp_path: Path) -> None:
    folder = tmp_path / "scenestreamer"
    shutil.copytree(PUBLISHED / "scenestreamer_waymo_20s_debug", folder)
    lost = next(folder.glob("sd_*.pkl"))
    lost.unlink()
    shutil.copy(next((PUBLISHED / "v1.2_20s").glob("sd_*.pkl")), folder)
    told = {}
    for source in find_sources([str(folder)]):
        (found,) = outlines(source)
        told[Path(source.name).name] = found.reason if isinstance(found, Damage) else ""
    assert len(told) == 7
    assert told[lost.name].startswith("scenestreamer/dataset_summary.pkl lists it, and it is not there")
    assert told["sd_waymo_v1.2_eb4b91b10ca94ff2.pkl"].startswith("scenestreamer/dataset_summary.pkl does not list it")
    assert sum(map(bool, told.values())) == 2
