from __future__ import annotations

import numpy as np
from scenarionet_records import assert_same, decoded, small_message

from gold_data.scenarionet.map import describe_map


def test_every_kind_of_feature() -> None:
    features = describe_map(decoded(small_message()).map_features)
    x = np.arange(-2, 5, dtype=np.float32)
    corners = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0]], dtype=np.float32)
    zero = np.zeros(5, dtype=np.float32)
    boundary = {
        "lane_start_index": "0",
        "lane_end_index": "2",
        "boundary_type": "ROAD_LINE_SOLID_SINGLE_WHITE",
        "boundary_feature_id": "2",
    }
    assert_same(
        features,
        {
            "1": {
                "speed_limit_mph": 25.0,
                "speed_limit_kmh": 25.0 * 1.609344,
                "type": "LANE_SURFACE_STREET",
                "polyline": np.stack([x[2:], zero, zero], axis=1),
                "interpolating": True,
                "entry_lanes": [7, 8],
                "exit_lanes": [9],
                "left_boundaries": [boundary],
                "right_boundaries": [
                    {**boundary, "lane_end_index": "3", "boundary_type": "UNKNOWN", "boundary_feature_id": "3"}
                ],
                "left_neighbor": [
                    {
                        "feature_id": "8",
                        "self_start_index": "0",
                        "self_end_index": "3",
                        "neighbor_start_index": "1",
                        "neighbor_end_index": "4",
                        "boundaries": [{**boundary, "lane_start_index": "1"}],
                    }
                ],
                "right_neighbor": [],
                "width": np.array([[2, 3], [2, 3], [2, 3], [3, 3], [0, 0]], dtype=np.float32),
            },
            "2": {
                "type": "ROAD_LINE_SOLID_SINGLE_WHITE",
                "polyline": np.stack([x, np.full_like(x, 2), x / 4], axis=1),
            },
            "3": {"type": "ROAD_EDGE_BOUNDARY", "polyline": np.stack([x[2:], zero - 3, zero], axis=1)},
            "4": {"type": "STOP_SIGN", "lane": [1], "position": np.array([4, 0, 0], dtype=np.float32)},
            "5": {"type": "CROSSWALK", "polygon": corners},
            "6": {"type": "SPEED_BUMP", "polygon": corners},
            "11": {"type": "DRIVEWAY", "polygon": corners},
        },
    )


def test_line_of_unknown_type_and_lane_of_undefined_type() -> None:
    message = small_message()
    message.map_features[0].lane.type = 0
    message.map_features[1].road_line.type = 0
    features = describe_map(decoded(message).map_features)
    assert (features["1"]["type"], features["2"]["type"]) == ("LANE_UNKNOWN", "UNKNOWN")


def test_map_without_lanes() -> None:
    message = small_message()
    del message.map_features[0]
    assert list(describe_map(decoded(message).map_features)) == ["2", "3", "4", "5", "6", "11"]
