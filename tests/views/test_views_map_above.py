"""What lies on and beside the road is drawn where it is, and told in the legend."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from gold_data.views import palette
from gold_data.views.map_above import draw_map
from gold_data.views.surroundings import View

SQUARE = np.array([[0.0, 0.0, 5.0], [2.0, 0.0, 5.0], [2.0, 2.0, 5.0]], np.float32)
FEATURES: dict[str, Any] = {
    "1": {"type": "SPEED_BUMP", "polygon": SQUARE},
    "2": {"type": "DRIVEWAY", "polygon": SQUARE + 1},
    "3": {"type": "CROSSWALK", "polygon": SQUARE - 1},
    "4": {"type": "STOP_SIGN", "position": np.array([3.0, 1.0, 5.0], np.float32), "lane": [7]},
    "5": {"type": "LANE_BIKE_LANE", "polyline": SQUARE},
}
FAR = {name: {k: v + 900 if isinstance(v, np.ndarray) else v for k, v in one.items()} for name, one in FEATURES.items()}


def drawn(features: dict[str, Any]) -> tuple[set[str], dict[str, PolyCollection], list[Any]]:
    axes = Figure().add_subplot()
    entries = draw_map(axes, {"map_features": features}, View(-5, 5, -5, 5))
    areas = {str(one.get_gid()): one for one in axes.collections if isinstance(one, PolyCollection)}
    return {str(entry.get_label()) for entry in entries}, areas, list(axes.lines)


def test_each_thing_is_drawn_in_its_place_and_named() -> None:
    labels, areas, lines = drawn(FEATURES)
    assert labels == {"speed bump", "driveway", "crosswalk", "stop sign", "bike lane"}
    for kind, feature in (("speed bump", "1"), ("driveway", "2"), ("crosswalk", "3")):
        corners = np.asarray(areas[kind].get_paths()[0].vertices)[:3]
        assert np.array_equal(corners, FEATURES[feature]["polygon"][:, :2])
    (sign,) = lines
    assert sign.get_gid() == "stop sign"
    assert np.asarray(sign.get_xydata()).tolist() == [[3.0, 1.0]]


def test_a_bump_lies_over_a_crosswalk_and_that_over_a_driveway() -> None:
    _, areas, _ = drawn(FEATURES)
    heights = [areas[palette.AREAS[kind][0]].get_zorder() for kind in palette.AREAS]
    assert heights == sorted(heights)
    assert len(set(heights)) == 3


def test_what_is_out_of_view_is_neither_drawn_nor_named() -> None:
    assert drawn(FAR) == (set(), {}, [])
    assert drawn({}) == (set(), {}, [])


def test_one_kind_alone() -> None:
    for name, word in (("1", "speed bump"), ("4", "stop sign"), ("5", "bike lane")):
        labels, _, _ = drawn({name: FEATURES[name]})
        assert labels == {word}
