from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scenarionet_records import LANE, STEPS, add_points, add_track, assert_same, assert_sane, decoded, small_message

from gold_data.scenarionet import DescriptionError, describe, file_name


def test_metadata_of_a_small_record() -> None:
    description = describe(decoded(small_message()), "folder/some.tfrecord")
    assert_sane(description)
    metadata = description["metadata"]
    summaries = {metadata.popitem()[0] for _ in range(2)}
    assert summaries == {"object_summary", "number_summary"}
    assert_same(
        metadata,
        {
            "id": "0123abcd",
            "coordinate": "waymo",
            "ts": (np.arange(STEPS) * 0.1).astype(np.float32),
            "metadrive_processed": False,
            "sdc_id": "20",
            "dataset": "waymo",
            "scenario_id": "0123abcd",
            "source_file": "folder/some.tfrecord",
            "track_length": STEPS,
            "current_time_index": 2,
            "sdc_track_index": 1,
            "objects_of_interest": ["30", "20"],
            "tracks_to_predict": {
                "10": {"track_index": 2, "track_id": "10", "difficulty": 1, "object_type": "CYCLIST"},
            },
        },
    )


def test_id_is_taken_whole() -> None:
    assert describe(decoded(small_message("0123|abcd")), "")["id"] == "0123|abcd"


@pytest.mark.parametrize("scenario_id", ["", "../up", "a\\b", "a\nb", "a" * 201, "é"])
def test_id_that_is_not_fit_for_a_file_name(scenario_id: str) -> None:
    with pytest.raises(DescriptionError, match="is not fit for a file name"):
        describe(decoded(small_message(scenario_id)), "")


def test_file_name() -> None:
    assert file_name("0123abcd") == "sd_waymo_v1.2_0123abcd.pkl"


def _no_timestamps(message: Any) -> None:
    del message.timestamps_seconds[:]


def _sdc_missing(message: Any) -> None:
    message.sdc_track_index = 3


def _sdc_negative(message: Any) -> None:
    message.sdc_track_index = -1


def _no_tracks(message: Any) -> None:
    del message.tracks[:], message.tracks_to_predict[:]


def _predicted_missing(message: Any) -> None:
    message.tracks_to_predict.add(track_index=7)


def _same_track_twice(message: Any) -> None:
    add_track(message, 20, 1)


def _same_feature_twice(message: Any) -> None:
    add_points(message.map_features.add(id=LANE).crosswalk.polygon, (0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_no_timestamps, "no timestamps"),
        (_sdc_missing, "sdc_track_index 3 of 3 tracks"),
        (_sdc_negative, "sdc_track_index -1 of 3 tracks"),
        (_no_tracks, "sdc_track_index 1 of 0 tracks"),
        (_predicted_missing, "track_index 7 of 3 tracks in tracks_to_predict"),
        (_same_track_twice, "two tracks with id 20"),
        (_same_feature_twice, "two map features with id 1"),
    ],
)
def test_records_that_cannot_be_described(spoil: Callable[[Any], None], reason: str) -> None:
    message = small_message()
    spoil(message)
    with pytest.raises(DescriptionError) as raised:
        describe(decoded(message), "")
    assert str(raised.value) == reason


def test_features_without_a_kind_may_share_an_id() -> None:
    message = small_message()
    message.map_features.add(id=12)
    assert "12" not in describe(decoded(message), "")["map_features"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300])
def test_what_is_no_number_or_too_large_is_kept_quietly(value: float) -> None:
    message = small_message()
    message.tracks[0].states[3].center_x = value
    message.map_features[0].lane.polyline[2].y = value
    message.map_features[1].road_line.polyline[1].z = value
    description = describe(decoded(message), "")
    assert_sane(description)
    expected = np.float32(value) if abs(value) != 1e300 else np.float32("inf")
    assert np.array_equal(description["tracks"]["30"]["state"]["position"][3, 0], expected, equal_nan=True)
    assert not np.isfinite(description["metadata"]["object_summary"]["30"]["moving_distance"])
