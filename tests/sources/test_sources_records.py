from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import google_crc32c
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.sources import Outlined, Source, outlines
from gold_data.womd import Damage, MalformedRecord, write_records
from gold_data.womd.messages import Lane
from gold_data.womd.protobuf import ScenarioMessage
from gold_data.womd.reference import decode_with_protobuf

sys.path.append(str(Path(__file__).parents[1] / "womd"))
from womd_equality import equal
from womd_wire_examples import scenario_bytes


def outlined(path: Path, records: list[bytes]) -> list[Outlined | Damage]:
    write_records(path, records)
    return list(outlines(Source("a", str(path), 0, path.stat().st_size, "womd")))


@settings(max_examples=30, deadline=None)
@given(seeds=st.lists(st.integers(0, 2**63), min_size=1, max_size=8))
def test_what_is_outlined_is_what_the_message_says(tmp_path_factory: pytest.TempPathFactory, seeds: list[int]) -> None:
    records = [scenario_bytes(Random(seed)) for seed in seeds]
    for data, found in zip(records, outlined(tmp_path_factory.mktemp("a") / "a", records), strict=True):
        assert found.length == len(data)
        try:
            scenario = decode_with_protobuf(data)
        except MalformedRecord:
            assert isinstance(found, Damage)
            continue
        assert isinstance(found, Outlined)
        outline = found.outline
        assert outline.scenario_id == scenario.scenario_id
        assert outline.ids == tuple(str(track.id) for track in scenario.tracks)
        lanes = [feature for feature in scenario.map_features if isinstance(feature, Lane)]
        assert outline.lane_ids == tuple(str(lane.id) for lane in lanes)
        assert outline.lane_start[0] == 0
        assert np.diff(outline.lane_start).tolist() == [len(lane.polyline) for lane in lanes]
        assert equal(outline.lane_points, np.concatenate([np.zeros((0, 3)), *(lane.polyline for lane in lanes)]))


def test_tracks_are_padded_and_cut_to_the_timestamps(tmp_path: Path) -> None:
    message = ScenarioMessage(timestamps_seconds=[0.0, 0.1], sdc_track_index=2)
    for steps in (2, 1, 3):
        track = message.tracks.add(id=steps, object_type=steps)
        for step in range(steps):
            track.states.add(center_x=steps + step, valid=True)
    even = ScenarioMessage(timestamps_seconds=[0.0, 0.1], sdc_track_index=-1)
    even.tracks.append(message.tracks[0])
    whole, one, none = outlined(
        tmp_path / "a", [message.SerializeToString(), even.SerializeToString(), ScenarioMessage().SerializeToString()]
    )
    assert isinstance(whole, Outlined)
    assert isinstance(one, Outlined)
    assert isinstance(none, Outlined)
    assert whole.outline.states["center_x"].tolist() == [[2, 3], [1, 0], [3, 4]]
    assert whole.outline.states["valid"].tolist() == [[True, True], [True, False], [True, True]]
    assert (whole.outline.sdc, one.outline.sdc, none.outline.sdc) == (2, None, None)
    assert whole.outline.kinds == ("PEDESTRIAN", "VEHICLE", "CYCLIST")
    assert one.outline.states["center_x"].tolist() == [[2, 3]]
    assert none.outline.states.shape == (0, 0)


def test_a_record_is_known_by_its_place_and_checksum(tmp_path: Path) -> None:
    (found,) = outlined(tmp_path / "a", [b"\x2a\x01a"])
    assert isinstance(found, Outlined)
    assert (found.offset, found.length, found.crc) == (0, 3, google_crc32c.value(b"\x2a\x01a"))
