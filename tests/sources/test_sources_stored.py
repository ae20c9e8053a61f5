from __future__ import annotations

import pickle
from pathlib import Path

import google_crc32c
import numpy as np
import pytest
from sources_material import description, write_description, write_harm

from gold_data.errors import RecordError
from gold_data.scenarionet import DescriptionError
from gold_data.sources import Outlined, Source, find_sources, outlines, read_description
from gold_data.womd import Damage


def source_of(path: Path) -> Source:
    (source,) = find_sources([str(path.parent)])
    return source


def damage(path: Path) -> str:
    (found,) = outlines(source_of(path))
    assert isinstance(found, Damage)
    assert (found.offset, found.length) == (0, path.stat().st_size)
    return found.reason


def test_a_pickle_is_one_record_of_the_whole_file(tmp_path: Path) -> None:
    path = write_description(tmp_path / "loose", "0a")
    (found,) = outlines(source_of(path))
    assert isinstance(found, Outlined)
    assert (found.offset, found.length) == (0, path.stat().st_size)
    assert found.crc == google_crc32c.value(path.read_bytes())


def test_the_outline_is_the_descriptions(tmp_path: Path) -> None:
    expected = description("0a")
    (found,) = outlines(source_of(write_description(tmp_path / "loose", "0a")))
    assert isinstance(found, Outlined)
    outline = found.outline
    assert outline.scenario_id == "0a"
    assert outline.ids == tuple(expected["tracks"])
    assert outline.sdc is not None
    assert outline.ids[outline.sdc] == expected["metadata"]["sdc_id"]
    assert set(outline.kinds) == {"VEHICLE"}
    assert outline.lane_ids == ("1", "2")
    for row, track in enumerate(expected["tracks"].values()):
        states, state = outline.states[row], track["state"]
        centre = np.column_stack([states[name] for name in ("center_x", "center_y", "center_z")])
        assert (centre == state["position"]).all()
        assert (np.column_stack([states["velocity_x"], states["velocity_y"]]) == state["velocity"]).all()
        for name in ("length", "width", "height", "heading", "valid"):
            assert (states[name] == state[name]).all()
    for name, first, behind in zip(outline.lane_ids, outline.lane_start[:-1], outline.lane_start[1:], strict=True):
        points = outline.lane_points[first:behind]
        assert (points == expected["map_features"][name]["polyline"]).all()


def test_a_file_that_was_changed_since(tmp_path: Path) -> None:
    path = write_description(tmp_path / "loose", "0a")
    source = source_of(path)
    (found,) = outlines(source)
    assert isinstance(found, Outlined)
    assert read_description(source, 0, found.crc)["id"] == "0a"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(RecordError, match=r"loose/sd_.*: record at byte 0: the file was changed since"):
        read_description(source, 0, found.crc)


def test_what_cannot_be_described_is_damaged_for_the_same_reason(tmp_path: Path) -> None:
    path = write_description(tmp_path / "loose", "0a", length=7)
    reason = damage(path)
    assert reason == "track_length of the description is 7, its metadata say 30"
    with pytest.raises(DescriptionError, match=reason):
        read_description(source_of(path), 0, google_crc32c.value(path.read_bytes()))


def test_without_any_metadata(tmp_path: Path) -> None:
    path = write_description(tmp_path / "loose", "0a")
    path.write_bytes(pickle.dumps({name: part for name, part in description("0a").items() if name != "metadata"}))
    assert damage(path) == (
        "it has no metadata, and neither `ts` nor `sdc_track_index` beside its tracks, so that nobody knows whose "
        "drive it is; make the database anew from WOMD"
    )


def test_one_that_would_run_something_is_named_and_not_run(tmp_path: Path) -> None:
    harm = tmp_path / "harm"
    path = write_harm(tmp_path / "loose" / "0.pkl", harm)
    assert damage(path) == "it cannot be read: it names posix.mkdir, which is never run; copy it again, or leave it out"
    assert not harm.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"version https://git-lfs.github.com/spec/v1\n", "it is a git LFS pointer"),
        (b"<!DOCTYPE html><html></html>", "it is a web page"),
        (pickle.dumps([1]), "it is a pickle that holds no ScenarioNet description; leave it out"),
        (pickle.dumps({"tracks": {}})[:-1], "it cannot be read: "),
        (b"", "it cannot be read: Ran out of input"),
    ],
)
def test_a_file_called_as_one_that_is_none(tmp_path: Path, content: bytes, reason: str) -> None:
    path = write_description(tmp_path / "loose", "0a")
    path.write_bytes(content)
    assert damage(path).startswith(reason)


def test_a_file_that_was_cut_anywhere(tmp_path: Path) -> None:
    path = write_description(tmp_path / "loose", "0a")
    source, whole = source_of(path), path.read_bytes()
    for size in range(0, len(whole), len(whole) // 50):
        path.write_bytes(whole[:size])
        (found,) = outlines(source)
        assert isinstance(found, Damage)
        assert found.reason.startswith("it cannot be read: ")


def test_too_large_a_file_is_not_read(tmp_path: Path) -> None:
    path = write_description(tmp_path / "loose", "0a")
    with path.open("r+b") as file:
        file.truncate(2**28 + 1)
    assert damage(path) == "it has 268435457 bytes, more than the 268435456 that are read"
