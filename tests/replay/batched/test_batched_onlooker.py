"""The batched engine's senses where somebody else drives: at its own places they say what the engine said there."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from replay_material import STRAIGHT, Floats, driving, standing, straight

from gold_data.replay import Drive, Flag, Outcome, Readings, make_scene
from gold_data.replay.batched.engine import Batched
from gold_data.replay.batched.onlooker import Onlooker, way_between
from gold_data.settings import ConvertSettings

SETTINGS = ConvertSettings()
FRAMES = 40
SCENE = straight(STRAIGHT[:FRAMES], {"car": standing("VEHICLE", 30.0, 2.1, FRAMES)})
"""The ego, 10 m/s fast, grazes a car that stands beside its way at 30 m, if it does not give way."""


def _along(drive: Drive, actions: Floats) -> list[Outcome]:
    return [drive.reset(SCENE, "ego"), *(drive.step(action) for action in actions)]


def _swerving(steps: int, size: float) -> Floats:
    return np.column_stack([size * np.sin(np.arange(steps) / 3), np.full(steps, 0.2)])


def test_it_says_what_the_engine_says_while_nobody_is_touched() -> None:
    actions = _swerving(18, 0.3)
    own = _along(Drive(Batched(SETTINGS.simulator), SETTINGS), actions)
    seen = _along(Drive(Onlooker(SETTINGS.simulator, [one.readings for one in own]), SETTINGS), actions)
    off = np.abs(np.array([a.observation - b.observation for a, b in zip(own, seen, strict=True)]))
    assert off.max() < 2e-3  # it stands upright, and does not lean into curves
    assert [one.flags for one in own] == [one.flags for one in seen]
    assert np.abs([a.reward - b.reward for a, b in zip(own, seen, strict=True)]).max() < 1e-9


def test_it_goes_where_it_is_told_and_heeds_no_action() -> None:
    own = _along(Drive(Batched(SETTINGS.simulator), SETTINGS), _swerving(10, 0.1))
    onlooker = Onlooker(SETTINGS.simulator, [one.readings for one in own])
    onlooker.reset(make_scene(SCENE, "ego"))
    told = [onlooker.step(np.array([1.0, -1.0])) for _ in range(10)]
    assert [(one.x, one.y, one.heading) for one in told] == [
        (one.readings.x, one.readings.y, one.readings.heading) for one in own[1:]
    ]
    with pytest.raises(StopIteration):
        onlooker.step(np.zeros(2))


def test_who_is_in_the_way_is_touched_on_the_way() -> None:
    scene = make_scene(SCENE, "ego")
    with driving(SETTINGS) as drive:
        first = drive.reset(SCENE, "ego").readings
    places = [first, *(_moved(first, ahead, 1.0) for ahead in (20.0, 25.0, 40.0))]
    onlooker = Onlooker(SETTINGS.simulator, places)
    onlooker.reset(scene)
    flags = [onlooker.step(np.zeros(2)).flags for _ in places[1:]]
    assert [bool(flag & Flag.CONTACT_VEHICLE) for flag in flags] == [False, False, True]  # passed through in between


def test_half_way_between_two_headings_is_between_them() -> None:
    with driving(SETTINGS) as drive:
        first = drive.reset(SCENE, "ego").readings
    before, now = _moved(first, 0.0, 0.0, math.pi - 0.05), _moved(first, 1.0, 0.0, 0.05 - math.pi)
    way = way_between(before, now)
    assert way[:5, 2] == pytest.approx(math.pi - 0.05 + np.arange(1, 6) * 0.02)
    assert way[:5, 0] == pytest.approx(first.x + np.arange(1, 6) / 5)
    assert way[5, 0] - way[4, 0] == pytest.approx(0.02 * first.velocity[0])


def _moved(readings: Readings, ahead: float, left: float, heading: float = 0.0) -> Readings:
    return replace(readings, x=readings.x + ahead, y=readings.y + left, heading=heading)
