"""Neighbours, signals and limits on real records: ranges, how often they are there, and some that were looked at."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from replay_drives import descriptions

from gold_data.replay.scene import make_scene
from gold_data.replay.surroundings import CONFLICT, LIMIT, NEIGHBOURS, SIGNAL, Around

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason="no WOMD records: set GOLD_WOMD")


@pytest.fixture(scope="module")
def logged() -> dict[str, NDArray[np.float64]]:
    """(frames + 1, 89) by scenario of every SDC that goes somewhere, as recorded, and a step over the end."""
    found = {}
    for description in descriptions(WOMD):
        scene = make_scene(description, description["metadata"]["sdc_id"])
        if scene.route.length < 10:
            continue
        around, rows = Around(scene, 160 / 3.6), []
        for step in range(scene.frames + 1):
            frame = min(step, scene.frames - 1)
            (x, y), velocity = scene.log.position[frame].tolist(), scene.log.velocity[frame].tolist()
            place = scene.route.locate(x, y)
            heading = float(scene.log.heading[frame])
            rows.append(around.numbers(step, place.longitude, x, y, heading, (velocity[0], velocity[1]), 0.0))
        found[scene.scenario_id] = np.array(rows)
    return found


@pytest.fixture(scope="module")
def speeds(logged: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """(frames,) m/s of the same egos."""
    scenes = [make_scene(found, found["metadata"]["sdc_id"]) for found in descriptions(WOMD)]
    return {scene.scenario_id: np.hypot(*scene.log.velocity.T) for scene in scenes if scene.scenario_id in logged}


def test_numbers_are_in_their_range(logged: dict[str, NDArray[np.float64]]) -> None:
    for name, numbers in logged.items():
        assert ((numbers >= 0) & (numbers <= 1)).all(), name
        assert np.isin(numbers[:, SIGNAL + 1 : LIMIT].sum(axis=1), (0, 1)).all(), name
        assert not numbers[-1, NEIGHBOURS:SIGNAL].any(), name
        assert numbers[-1, SIGNAL] == 1, name
        assert (numbers[:, CONFLICT : CONFLICT + 17].min(axis=1) <= numbers[:, CONFLICT + 21]).all(), name


def test_neighbours_signals_and_limits_are_there_as_often_as_one_would_think(
    logged: dict[str, NDArray[np.float64]],
) -> None:
    numbers = np.concatenate([rows[:-1] for rows in logged.values()])
    present = numbers[:, NEIGHBOURS:SIGNAL:7].mean(axis=0)
    colours = numbers[:, SIGNAL + 1 : LIMIT].mean(axis=0)
    print(f"{len(logged)} records; neighbours {present.round(2)}; colours {colours.round(3)};")
    print(
        f"limit known {numbers[:, LIMIT].mean():.2f}, of records {np.mean([r[0, LIMIT] for r in logged.values()]):.2f}"
    )
    assert present[0] > 0.9
    assert (np.diff(present) <= 0).all()
    assert 0.05 < colours.sum() < 0.3
    assert 0.4 < numbers[:, LIMIT].mean() < 0.7  # the records from JSON have none
    limits = numbers[numbers[:, LIMIT] == 1, LIMIT + 1] * 160 / 1.609344
    assert np.isin(limits.round(6), np.arange(10, 75, 5)).all()


def test_records_drive_where_nobody_stands_and_wait_where_somebody_crosses(
    logged: dict[str, NDArray[np.float64]], speeds: dict[str, NDArray[np.float64]]
) -> None:
    numbers = np.concatenate([rows[:-1, CONFLICT:] for rows in logged.values()])
    speed = np.concatenate([speeds[name] for name in logged])
    gap, leader, crossing = numbers[:, 17] * 40, (numbers[:, 18] * 2 - 1) * 160 / 3.6, numbers[:, 19]
    drives, waits = speed > 3, speed < 0.5
    print(f"a leader {np.mean(gap < 40):.2f}; crossing {crossing[drives].mean():.3f}, {crossing[waits].mean():.3f}")
    assert ((gap < 5) & (abs(leader) < 0.3))[drives].mean() < 0.001
    assert 0.2 < np.mean(gap < 40) < 0.8
    assert crossing[waits].mean() > 3 * crossing[drives].mean() > 0
