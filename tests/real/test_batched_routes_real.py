"""Routes, trackers and MetaDrive's own numbers in kernels, on real records."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from replay_drives import descriptions
from replay_material import driving
from stock_beside import stock_beside

from gold_data.replay import Readings, Tracker
from gold_data.replay.batched import along, following
from gold_data.replay.flags import Flag
from gold_data.replay.navigation import navigation
from gold_data.replay.scene import Scene, make_scene
from gold_data.scenarionet import Description
from gold_data.settings import TrackerSettings

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason="no WOMD records: set GOLD_WOMD")

SETTINGS = TrackerSettings()


@dataclass(frozen=True)
class Record:
    """A real record, and its SDC's scene."""

    description: Description
    scene: Scene


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return [Record(d, make_scene(d, d["metadata"]["sdc_id"])) for d in descriptions(WOMD)]


def test_places_way_points_and_actions_are_those_of_one_scene(records: list[Record]) -> None:
    """Along every record, off its poses as disturbed drives are, and on them, where vertices of the route are."""
    random = np.random.default_rng(1)
    routes = along.stack_routes([along.compile_route(record.scene) for record in records])
    references = following.stack_references([following.compile_reference(r.scene, SETTINGS) for r in records])
    gains, out = following.gains_of(SETTINGS), np.empty(22)
    worst, asked = 0.0, 0
    for number, record in enumerate(records):
        scene, route = record.scene, routes.routes[number]
        expected, memory = Tracker(scene, SETTINGS), np.empty(following.MEMORY)
        following.begin_following(memory, references.references[number], references.frames)
        scale = 0.0 if number % 3 == 0 else 0.4
        for step in range(0, scene.frames, 2):
            x, y = (scene.track.position[step] + random.normal(0, scale, 2)).tolist()
            vx, vy = (scene.track.velocity[step] + random.normal(0, scale, 2)).tolist()
            heading = float(scene.track.heading[step]) + random.normal(0, scale / 3)
            place, known = along.locate(route, routes.segments, x, y), scene.route.locate(x, y)
            assert place[1:] == (known.longitude, known.lateral, known.heading), scene.scenario_id
            along.write_navigation(route, routes.checkpoints, place, x, y, heading, out)
            np.testing.assert_array_equal(out, navigation(scene.route, known, x, y, heading))
            row = references.references[number]
            action = following.follow(
                memory, row, references.points, references.frames, gains, step, x, y, heading, vx, vy, 0.05
            )
            readings = Readings(x, y, 0.0, heading, (vx, vy), 0.0, np.zeros(0, np.float32), Flag(0))
            worst = max(worst, float(np.abs(action - expected.action(step, readings, 0.05)).max()))
            asked += 1
    print(f"{asked} poses of {len(records)} records; actions off by at most {worst:.1e}")
    assert asked > 4000
    assert worst < 1e-9


def test_metadrives_own_numbers(records: list[Record]) -> None:
    """Driven by the tracker under noise; no number is left out."""
    moving = [record for record in records if record.scene.route.length > 10 and record.scene.frames >= 60]
    random = np.random.default_rng(2)
    worst: dict[str, float] = {}
    for record in moving[::8]:
        tracker = Tracker(record.scene, SETTINGS)

        def disturbed(readings: Readings, step: int, tracker: Tracker = tracker) -> NDArray[np.float64]:
            return tracker.action(step, readings, 0.0) + random.normal(0, 0.05, 2)

        with driving() as drive:
            steps = min(record.scene.frames, 95)
            theirs, ours = stock_beside(drive, record.description, record.scene.ego_id, steps, disturbed)
        worst[record.scene.scenario_id] = float(np.abs(ours - theirs).max())
    print(f"largest difference of {len(worst)} drives: {max(worst.values()):.1e}")
    assert len(worst) >= 8
    assert max(worst.values()) < 1e-6, worst
