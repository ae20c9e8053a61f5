"""The batched engine behind `Drive`, beside MetaDrive with the same actions."""

from __future__ import annotations

import numpy as np
import pytest
from replay_material import STRAIGHT, described, driver, driving, standing, straight

from gold_data.replay import Description, Drive, Rollout, slices, track_record
from gold_data.replay.batched.engine import Batched
from gold_data.settings import ConvertSettings

SETTINGS = ConvertSettings()
RECORDS = {
    "a bend with cars beside": described(
        driver(STRAIGHT, 0.03), {"car": driver(STRAIGHT, 0.03, left=4.0)}, curvature=0.03
    ),
    "stop and go": straight(np.concatenate([np.full(10, 8.0), np.linspace(8, 0, 40), np.linspace(0, 6, 30)])),
    "people beside": straight(others={"walker": standing("PEDESTRIAN", 20.0, 4.0, len(STRAIGHT))}),
}


def by_both(description: Description) -> tuple[Rollout, Rollout, Drive]:
    """The tracker's drive in MetaDrive, and its actions again in the batched engine."""
    with driving() as drive:
        reference = track_record(drive, description, "ego", SETTINGS.tracker, lambda step: None)
    own = Drive(Batched(SETTINGS.simulator), SETTINGS)
    return reference, track_record(own, description, "ego", SETTINGS.tracker, lambda step: None), own


@pytest.mark.parametrize("name", RECORDS)
def test_the_tracker_drives_the_same_in_both(name: str) -> None:
    reference, own, drive = by_both(RECORDS[name])
    assert own.length == reference.length
    assert own.arrived == reference.arrived
    apart = np.hypot(*(own.ego_state - reference.ego_state)[:, :2].T)
    assert np.median(apart) < 1e-3
    assert apart.max() < 0.02
    np.testing.assert_allclose(own.ego_state[:, 2], reference.ego_state[:, 2], atol=2e-3)
    np.testing.assert_array_equal(own.flags, reference.flags)
    np.testing.assert_allclose(own.rewards, reference.rewards, atol=1e-3)
    np.testing.assert_array_equal(own.costs, reference.costs)
    off = np.abs(own.observations - reference.observations)
    for block, place in slices(drive.blocks).items():
        assert np.mean(off[:, place] > 1e-2) <= 0.005, block


def test_a_collision_pushes_the_car_as_it_does_in_metadrive() -> None:
    description = straight(others={"car": standing("VEHICLE", 25.0, 0.4, len(STRAIGHT))})
    outcomes = []
    for engine in ("metadrive", "batched"):
        if engine == "metadrive":
            with driving() as drive:
                taken = [drive.reset(description, "ego"), *(drive.step((0.0, 0.3)) for _ in range(40))]
        else:
            drive = Drive(Batched(SETTINGS.simulator), SETTINGS)
            taken = [drive.reset(description, "ego"), *(drive.step((0.0, 0.3)) for _ in range(40))]
        outcomes.append(taken)
    reference, own = outcomes
    first = next(step for step, outcome in enumerate(reference) if outcome.flags & 1)
    assert next(step for step, outcome in enumerate(own) if outcome.flags & 1) == first
    apart = [np.hypot(a.readings.x - b.readings.x, a.readings.y - b.readings.y) for a, b in zip(*outcomes, strict=True)]
    assert max(apart[:first]) < 1e-2
    assert apart[first + 5] < 0.3
    # Without a response it would be metres ahead by then: the standing car has all but stopped it.
    assert own[first + 5].readings.speed < 0.7 * own[first - 1].readings.speed
