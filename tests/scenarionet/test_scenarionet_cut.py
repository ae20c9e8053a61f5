from __future__ import annotations

import copy

import pytest
from scenarionet_records import STEPS, assert_same, assert_sane, decoded, small_message

from gold_data.scenarionet import Description, cut_frames, describe


@pytest.fixture
def whole() -> Description:
    return describe(decoded(small_message()), "training/part-0")


def test_the_whole_of_it_is_given_back_as_it_is(whole: Description) -> None:
    assert cut_frames(whole, 0, STEPS) is whole


@pytest.mark.parametrize(("first", "last"), [(0, 3), (2, 5), (5, STEPS)])
def test_everything_with_a_frame_is_cut(whole: Description, first: int, last: int) -> None:
    cut = cut_frames(whole, first, last)
    assert_sane(cut)
    assert cut["length"] == cut["metadata"]["track_length"] == last - first
    assert cut["metadata"]["ts"].tolist() == whole["metadata"]["ts"][first:last].tolist()
    assert list(cut["tracks"]) == list(whole["tracks"])
    for name, track in cut["tracks"].items():
        assert track["metadata"]["track_length"] == last - first
        for column, values in track["state"].items():
            expected = whole["tracks"][name]["state"][column][first:last]
            assert (values.dtype, values.tobytes()) == (expected.dtype, expected.tobytes())
    for name, signal in cut["dynamic_map_states"].items():
        for column, values in signal["state"].items():
            assert list(values) == list(whole["dynamic_map_states"][name]["state"][column][first:last])


def test_the_rest_stays(whole: Description) -> None:
    cut = cut_frames(whole, 1, 4)
    assert cut["map_features"] is whole["map_features"]
    for key in ("id", "version"):
        assert cut[key] == whole[key]
    for key in set(whole["metadata"]) - {"ts", "track_length"}:
        assert_same(cut["metadata"][key], whole["metadata"][key])


def test_the_callers_description_is_not_changed(whole: Description) -> None:
    before = copy.deepcopy(whole)
    cut_frames(whole, 2, 4)
    assert_same(whole, before)


def test_a_cut_of_a_cut(whole: Description) -> None:
    assert_same(cut_frames(cut_frames(whole, 1, 6), 1, 3), cut_frames(whole, 2, 4))
