from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from replay_material import driving, straight

from gold_data.replay.batched.lines import CELL, HALF_WIDTH, SOLID, Lines, lines_of

Floats = NDArray[np.float64]


def line(points: Any, kind: str = "ROAD_EDGE_BOUNDARY") -> dict[str, Any]:
    flat = np.asarray(points, np.float32).reshape(-1, 2)
    return {"type": kind, "polyline": np.column_stack([flat, np.zeros(len(flat), np.float32)])}


def boxes(lines: Lines) -> NDArray[np.void]:
    return np.unique(lines.segments)


def along_x(*x: float, y: float = 0.0) -> Floats:
    return np.column_stack([x, np.full(len(x), y)])


def test_a_line_is_laid_out_every_two_metres_without_its_rest() -> None:
    found = boxes(lines_of({"line": line(along_x(0.0, 3.0, 11.0))}))
    np.testing.assert_allclose(found["x"], [1.0, 3.0, 5.0, 7.0, 9.0])
    np.testing.assert_allclose(found["half_length"], 1.0)
    assert (found["cos"] == 1).all()


def test_a_line_of_four_metres_keeps_its_points() -> None:
    found = boxes(lines_of({"line": line(along_x(0.0, 0.5, 4.0))}))
    np.testing.assert_allclose(found["x"], [0.25, 2.25])
    np.testing.assert_allclose(found["half_length"], [0.25, 1.75])


def test_only_solid_lines_and_edges_of_two_points_or_more_count() -> None:
    kinds = ["ROAD_LINE_BROKEN_SINGLE_WHITE", "ROAD_LINE_BROKEN_DOUBLE_YELLOW", "LANE_SURFACE_STREET", "SPEED_BUMP"]
    features = {kind: line(along_x(0.0, 10.0), kind) for kind in kinds}
    features["crosswalk"] = {"type": "CROSSWALK", "polygon": np.zeros((4, 3), np.float32)}
    features["point"] = line(along_x(0.0))
    assert len(lines_of(features).segments) == 0
    for kind in SOLID:
        assert len(boxes(lines_of({kind: line(along_x(0.0, 10.0), kind)}))) == 4  # the fifth would end at the end


def test_boxes_outside_the_map_region_are_left_out() -> None:
    found = boxes(lines_of({"line": line(along_x(240.0, 280.0)), "far": line(along_x(0.0, 40.0, y=256.1))}))
    assert found["x"].max() == pytest.approx(255.0)
    assert (found["y"] == 0).all()


def test_no_lines_make_an_empty_grid() -> None:
    lines = lines_of({})
    assert lines.grid["columns"] == lines.grid["rows"] == len(lines.segments) == 0
    np.testing.assert_array_equal(lines.first, [0])


def test_points_that_repeat_make_no_box() -> None:
    assert len(boxes(lines_of({"line": line([(0, 0), (0, 0), (1, 0), (1, 0)])}))) == 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_box_stands_in_every_cell_that_it_reaches_into(seed: int) -> None:
    random = np.random.default_rng(seed)
    features = {
        str(number): line(random.uniform(-60, 60, 2) + np.cumsum(random.normal(0, 3, (6, 2)), axis=0))
        for number in range(4)
    }
    lines = lines_of(features)
    columns, rows = int(lines.grid["columns"]), int(lines.grid["rows"])
    assert len(lines.first) == columns * rows + 1
    cell_of = np.repeat(np.arange(columns * rows), np.diff(lines.first))
    for box in boxes(lines):
        listed = set(cell_of[lines.segments == box])
        u, v = np.meshgrid(np.linspace(-1, 1, 41) * box["half_length"], np.linspace(-1, 1, 3) * HALF_WIDTH)
        x = box["x"] + u * box["cos"] - v * box["sin"] - lines.grid["left"]
        y = box["y"] + u * box["sin"] + v * box["cos"] - lines.grid["bottom"]
        inside = (y // CELL).astype(int) * columns + (x // CELL).astype(int)
        reached = set(inside[(np.abs(x % CELL - CELL / 2) < 1.999) & (np.abs(y % CELL - CELL / 2) < 1.999)])
        assert reached <= listed


def test_boxes_are_metadrives() -> None:
    """Places and sizes of the bodies that MetaDrive makes, for lines of any length and for some that leave the map."""
    description = straight()
    random = np.random.default_rng(3)
    start = description["tracks"]["ego"]["state"]["position"][0, :2]
    for number in range(30):
        steps = random.uniform(0.1, 1.5) * np.ones(int(random.integers(2, 60)))
        turn = np.cumsum(random.normal(0, 0.2, len(steps)))
        points = np.cumsum(steps[:, None] * np.column_stack([np.cos(turn), np.sin(turn)]), axis=0)
        kind = sorted(SOLID)[number % len(SOLID)]
        description["map_features"][f"line{number}"] = line(points + start + random.uniform(-240, 240, 2), kind)
    with driving() as drive:
        drive.reset(description, "ego")
        engine: Any = drive.engine
        nodes = [
            node
            for block in engine._env.engine.current_map.blocks
            for node in block.static_nodes
            if node.getName().startswith("ROAD_LINE_SOLID")
        ]
        theirs = np.array(
            [(*node.getTransform().getPos(), node.getShape(0).getHalfExtentsWithMargin()[0]) for node in nodes]
        )[:, [0, 1, 3]]
        ours = boxes(lines_of(drive.scene.description["map_features"]))
    assert len(ours) == len(theirs) > 300
    found = np.column_stack([ours["x"], ours["y"], ours["half_length"]])
    for place in theirs:
        assert np.abs(found - place).sum(axis=1).min() < 3e-4
