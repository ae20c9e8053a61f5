from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scenarionet_old_forms import described, of_april_2023, of_march_2023, stored
from scenarionet_records import LANE, LEFT_LINE, assert_same

from gold_data.scenarionet import DescriptionError
from gold_data.scenarionet.stored_map import restore_map

UNKNOWN_LANE = "13"


def features() -> dict[str, Any]:
    return dict(stored(described())["map_features"])


@pytest.mark.parametrize("form", [stored, of_april_2023, of_march_2023])
def test_every_form_comes_back(form: Any) -> None:
    assert_same(restore_map(form(described())["map_features"]), described()["map_features"])


def test_a_lane_of_unknown_type_is_a_lane_and_no_kerb() -> None:
    old = of_april_2023(described())["map_features"]
    assert old[UNKNOWN_LANE]["type"] == "UNKNOWN"
    restored = restore_map(old)[UNKNOWN_LANE]
    assert restored["type"] == "LANE_UNKNOWN"
    assert restored["width"].tolist() == [[3.0, 3.0]]  # metres to the edge at its right, the other side taken as far
    kerb = restore_map({"1": {"type": "UNKNOWN", "polyline": np.zeros((2, 3), np.float32)}})
    assert kerb["1"]["type"] == "UNKNOWN"
    assert "width" not in kerb["1"]


@pytest.mark.parametrize(
    ("name", "key", "value", "reason"),
    [
        (LANE, "polyline", np.zeros((5, 2), np.float32), r"'polyline' of map feature 1 \(LANE_SURFACE_STREET\) is flo"),
        (LANE, "polyline", np.full((5, 3), np.nan, np.float32), "holds what is no number"),
        (LANE, "width", np.zeros((4, 2), np.float32), r"is float32 \(4, 2\), not float32 \(5, 2\)"),
        (LANE, "speed_limit_mph", "fast", "'speed_limit_mph' of map feature 1 .* is 'fast', not of type float"),
        (LANE, "entry_lanes", ["7"], "an item of 'entry_lanes' of map feature 1 .* is '7', not of type int"),
        (LANE, "left_boundaries", [{}], "'left_boundaries' of map feature 1 .* has no 'lane_start_index'"),
        (LANE, "left_neighbor", None, "'left_neighbor' of map feature 1 .* is of type NoneType"),
        (
            LANE,
            "type",
            "LANE_SURFACE_UNSTRUCTURE",
            r"map feature 1 \(LANE_SURFACE_UNSTRUCTURE\) is of a type that WOMD",
        ),
        (LEFT_LINE, "polyline", [[0.0, 0.0, 0.0]], "is of type list, not of type ndarray"),
        (4, "position", np.zeros(2, np.float32), r"is float32 \(2,\), not float32 \(3,\)"),
        (5, "polygon", None, "'polygon' of map feature 5"),
    ],
)
def test_a_feature_that_is_none(name: int, key: str, value: Any, reason: str) -> None:
    found = features()
    found[str(name)][key] = value
    with pytest.raises(DescriptionError, match=reason):
        restore_map(found)


@pytest.mark.parametrize("index", ["", "one", "1.5"])
def test_boundaries_that_tell_no_width(index: str) -> None:
    old = of_april_2023(described())["map_features"]
    old[UNKNOWN_LANE]["right_boundaries"][0]["lane_end_index"] = index
    with pytest.raises(DescriptionError, match="has no width, and its boundaries name what is no number"):
        restore_map(old)
