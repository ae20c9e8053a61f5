from __future__ import annotations

import numpy as np
import pytest
from scenarionet_records import STEPS, add_track, assert_same, decoded, small_message

from gold_data.scenarionet.tracks import describe_tracks


def test_state_of_a_track() -> None:
    tracks = describe_tracks(decoded(small_message()).tracks, STEPS)
    assert list(tracks) == ["30", "20", "10"]
    assert [track["type"] for track in tracks.values()] == ["PEDESTRIAN", "VEHICLE", "CYCLIST"]

    def column(value: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.full(STEPS, value, dtype=np.float32)

    assert_same(
        tracks["20"],
        {
            "type": "VEHICLE",
            "state": {
                "position": np.stack([np.arange(STEPS, dtype=np.float32), column(20), column(0.5)], axis=1),
                "length": column(4.5),
                "width": column(2),
                "height": column(1.5),
                "heading": column(0.25),
                "velocity": np.stack([column(10), column(-1)], axis=1),
                "valid": np.ones(STEPS, dtype=bool),
            },
            "metadata": {"track_length": STEPS, "type": "VEHICLE", "object_id": "20", "dataset": "waymo"},
        },
    )


@pytest.mark.parametrize(("steps", "valid"), [(0, 0), (4, 4), (STEPS + 3, STEPS)])
def test_tracks_are_padded_and_cut(steps: int, valid: int) -> None:
    message = small_message()
    add_track(message, 40, 1, steps)
    state = describe_tracks(decoded(message).tracks, STEPS)["40"]["state"]
    assert state["valid"].tolist() == [True] * valid + [False] * (STEPS - valid)
    assert state["position"][:, 0].tolist() == [*range(valid), *[0] * (STEPS - valid)]


def test_unset_type_is_other() -> None:
    message = small_message()
    add_track(message, 40, 0)
    add_track(message, 41, 4)
    tracks = describe_tracks(decoded(message).tracks, STEPS)
    assert [tracks[name]["type"] for name in ("40", "41")] == ["OTHER", "OTHER"]


def test_tracks_do_not_share_their_values() -> None:
    tracks = describe_tracks(decoded(small_message()).tracks, STEPS)
    tracks["20"]["state"]["position"] += 5
    assert tracks["30"]["state"]["position"][0].tolist() == [0, 30, 0.5]
