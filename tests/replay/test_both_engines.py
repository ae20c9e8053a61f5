"""One made-up scene in both engines, in all four ways; and how each of them drives."""

from __future__ import annotations

import numpy as np
import pytest
from replay_material import STRAIGHT, driver, standing, straight

import gold_data.replay.preload  # noqa: F401  (what it freezes makes closing an engine seven times faster)
from gold_data.replay import Drive, make_scene
from gold_data.replay.batched.engine import Batched
from gold_data.replay.both_engines import DRIVES, LOG, RANDOM, ROUTE, TRACKER, ParityJob, drive_both, policy_of, slowed
from gold_data.settings import ConvertSettings

SETTINGS = ConvertSettings()
FRAMES = 40
SPEEDS = STRAIGHT[:FRAMES]


def test_all_four_ways() -> None:
    others = {"behind": driver(SPEEDS * 1.5), "walker": standing("PEDESTRIAN", 12.0, 9.0, FRAMES)}
    others["behind"]["state"]["position"][:, 0] -= 10
    steps: list[int] = []
    job = ParityJob(straight(SPEEDS, others), "ego", SETTINGS)
    drives = {drive.drive: drive for drive in drive_both(job, steps.append)}
    assert tuple(drives) == DRIVES
    assert steps == list(range(1, FRAMES)) * 4
    assert {drive.steps for drive in drives.values()} == {FRAMES - 1}
    assert drives[LOG].position == (0.0,) * FRAMES
    assert drives[LOG].before.contact == drives[LOG].before.contact_at_pose
    touched = [drives[name].first_contact for name in (TRACKER, ROUTE)]
    assert all(step is not None for step in touched)  # the one behind runs into it, sooner where it is slow
    assert touched[1] < touched[0]  # type: ignore[operator]
    for drive in drives.values():
        free = drive.steps + 1 if drive.first_contact is None else drive.first_contact
        assert max(drive.position[:free]) < 0.01
        assert drive.before.contact.wrong == 0
        assert drive.before.values["navigation"].small == 0
        assert drive.before.values["reward"].small == 0
        assert drive.arrived_before[0] == drive.arrived_before[1]


def test_the_same_job_gives_the_same_numbers() -> None:
    job = ParityJob(straight(SPEEDS[:15]), "ego", SETTINGS)
    assert drive_both(job, lambda step: None) == drive_both(job, lambda step: None)


def test_metadrive_beside_itself() -> None:
    """A nudge is no more than a nudge, and no less: the two drives are near each other, and not the same."""
    job = ParityJob(straight(SPEEDS[:25]), "ego", SETTINGS, itself=True)
    drives = {drive.drive: drive for drive in drive_both(job, lambda step: None)}
    assert tuple(drives) == DRIVES
    assert max(drives[LOG].position) == 0
    assert all(0 < max(drives[name].position) < 1e-3 for name in (TRACKER, ROUTE, RANDOM))


def test_the_slower_way_is_the_same_way() -> None:
    track = make_scene(straight(SPEEDS), "ego").track
    slow = slowed(track, 0.5)
    assert slow.position[::2] == pytest.approx(track.position[: FRAMES // 2])
    assert slow.position[1] == pytest.approx((track.position[0] + track.position[1]) / 2)
    assert np.hypot(*slow.velocity.T) == pytest.approx(5.0, abs=0.05)
    assert len(slow.position) == len(track.position)


@pytest.mark.parametrize(("name", "arc"), [(TRACKER, 39.0), (ROUTE, 31.2)])
def test_who_follows_the_path_comes_as_far_as_it_should(name: str, arc: float) -> None:
    drive = Drive(Batched(SETTINGS.simulator), SETTINGS)
    last = drive.reset(straight(SPEEDS), "ego")
    policy = policy_of(name, drive.scene, SETTINGS)
    for step in range(FRAMES - 1):
        last = drive.step(policy(step, last))
    assert np.hypot(last.readings.x, last.readings.y) == pytest.approx(arc, abs=1.0)
    assert abs(drive.scene.route.locate(last.readings.x, last.readings.y).lateral) < 0.1


def test_random_actions_are_those_of_the_scenario() -> None:
    description = straight(SPEEDS)
    drive = Drive(Batched(SETTINGS.simulator), SETTINGS)
    first = drive.reset(description, "ego")

    def drawn(name: str) -> list[list[float]]:
        scene = make_scene({**description, "id": name}, "ego")
        policy = policy_of(RANDOM, scene, SETTINGS)
        return [policy(step, first).tolist() for step in range(FRAMES - 1)]

    assert drawn("a") == drawn("a")
    assert drawn("a") != drawn("b")
    assert drawn("a")[0] == drawn("a")[4] != drawn("a")[5]
    assert np.abs(drawn("a")).max() <= 1
