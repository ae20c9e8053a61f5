"""Real records in MetaDrive: the tracker arrives, our numbers are MetaDrive's, and who keeps clear is not touched."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from replay_drives import SETTINGS, Beside, descriptions, digest, replay_beside, track_beside

from gold_data.replay import DriveJob, Flag, Isolated, make_scene
from gold_data.replay.contact import log_clearance
from gold_data.scenarionet import Description
from gold_data.settings import EndSettings

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))
MORE = WOMD.parent / "womd_more"

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason=f"no real records at {WOMD}")

PROCESSES = 2
TO_THE_END = SETTINGS.model_copy(update={"ends": EndSettings(end="record")})
NEAR, NEAR_OF_MORE = 1.5, 1.0
"""Metres of clearance below which a record is replayed; the further records are many, so less is asked of them."""


@dataclass(frozen=True)
class Record:
    """A real record with what is known of it before it is driven."""

    description: Description
    frames: int
    route_length: float
    clearance: float

    @property
    def name(self) -> str:
        return str(self.description["id"])

    @property
    def job(self) -> DriveJob:
        return DriveJob(self.description, self.description["metadata"]["sdc_id"], SETTINGS)

    @property
    def whole_job(self) -> DriveJob:
        """The same, on to the record's end."""
        return replace(self.job, settings=TO_THE_END)


def _records(folder: Path) -> list[Record]:
    found = []
    for description in descriptions(folder):
        scene = make_scene(description, description["metadata"]["sdc_id"])
        found.append(Record(description, scene.frames, scene.route.length, log_clearance(scene)))
    return found


def _in_children(
    function: Callable[[DriveJob, Callable[[int], None]], Beside], jobs: Sequence[DriveJob]
) -> dict[str, Beside]:
    def drive(part: Sequence[DriveJob]) -> list[tuple[str, Beside]]:
        with Isolated(function, time_limit=120.0) as calls:
            return [(str(job.description["id"]), calls(job)) for job in part]

    with ThreadPoolExecutor(PROCESSES) as threads:
        parts = threads.map(drive, [jobs[first::PROCESSES] for first in range(PROCESSES)])
        return dict(driven for part in parts for driven in part)


@pytest.fixture(scope="module")
def womd() -> list[Record]:
    return _records(WOMD)


@pytest.fixture(scope="module")
def moving(womd: list[Record]) -> list[Record]:
    """Every other one that conversion would drive: long enough, and its ego goes somewhere."""
    accepted = SETTINGS.acceptance
    return [r for r in womd if r.frames >= accepted.min_steps and r.route_length >= accepted.min_route][::2]


@pytest.fixture(scope="module")
def tracked(moving: list[Record]) -> dict[str, Beside]:
    return _in_children(track_beside, [record.job for record in moving])


@pytest.fixture(scope="module")
def replayed(womd: list[Record]) -> list[tuple[Record, Beside]]:
    """The log replay of every record in which someone comes near."""
    near = [record for record in womd if record.clearance < NEAR]
    if MORE.is_dir():
        near += [record for record in _records(MORE) if record.clearance < NEAR_OF_MORE]
    driven = _in_children(replay_beside, [record.whole_job for record in near])
    return [(record, driven[record.name]) for record in near]


def test_the_tracker_arrives_without_cost_and_near_the_record(tracked: dict[str, Beside]) -> None:
    assert len(tracked) >= 40
    rollouts = {name: beside.rollout for name, beside in tracked.items()}
    assert [name for name, rollout in rollouts.items() if not rollout.arrived] == []
    assert [name for name, rollout in rollouts.items() if rollout.costs.any()] == []
    final = np.array([rollout.displacement[-1] for rollout in rollouts.values()])
    print(f"final displacement of {len(final)}: median {np.median(final):.3f} m, largest {final.max():.3f} m")
    assert final.max() < 0.5
    assert np.median(final) < 0.05


def test_observations_and_actions_are_in_their_range(tracked: dict[str, Beside]) -> None:
    for name, beside in tracked.items():
        observations, actions = beside.rollout.observations, beside.rollout.actions
        assert observations.shape == (beside.rollout.length + 1, 276), name
        assert observations.min() >= 0, name
        assert observations.max() <= 1, name
        assert np.abs(actions).max() <= 1, name


def test_the_state_at_the_start_is_the_records(tracked: dict[str, Beside]) -> None:
    for name, beside in tracked.items():
        assert beside.rollout.displacement[0] < 2e-3, name
        assert np.abs(beside.rollout.log_state[0, :2]).max() > 10, name  # in the record's world, not the scene's


def _assert_metadrives(beside: Beside, name: str) -> None:
    rollout = beside.rollout
    np.testing.assert_allclose(rollout.rewards, beside.rewards, atol=1e-4, err_msg=name)
    np.testing.assert_array_equal(rollout.costs, beside.costs, err_msg=name)
    np.testing.assert_array_equal(rollout.flags & int(Flag.contact()) > 0, beside.costs > 0, err_msg=name)
    assert rollout.arrived == beside.arrived.any(), name


def test_reward_cost_and_ends_are_metadrives_at_every_step(
    tracked: dict[str, Beside], replayed: list[tuple[Record, Beside]]
) -> None:
    for name, beside in tracked.items():
        _assert_metadrives(beside, name)
        assert beside.rollout.terminated == beside.terminated[-1], name
        assert not beside.terminated[:-1].any(), name
    for record, beside in replayed:
        _assert_metadrives(beside, record.name)
    worst = max(np.abs(beside.rollout.rewards - beside.rewards).max() for beside in tracked.values())
    steps = sum(beside.rollout.length for beside in tracked.values())
    print(f"largest difference of a reward in {steps} steps: {worst:.1e}")


def test_the_last_action_that_metadrive_observes_is_the_one_that_is_stored(tracked: dict[str, Beside]) -> None:
    for name, beside in tracked.items():
        observed = beside.rollout.observations[1:, 15:17] * 2 - 1
        np.testing.assert_allclose(observed, beside.rollout.actions, atol=2e-7, err_msg=name)


def test_log_replay_is_on_the_record(replayed: list[tuple[Record, Beside]]) -> None:
    for record, beside in replayed:
        assert beside.rollout.length == record.frames - 1, record.name
        assert beside.rollout.displacement.max() < 5e-3, record.name


def test_whoever_is_touched_in_the_log_replay_was_within_the_margin(
    replayed: list[tuple[Record, Beside]],
) -> None:
    """So the log replay may be left out where everyone keeps further away."""
    table = sorted((record.clearance, float(beside.rollout.costs.sum()), record.name) for record, beside in replayed)
    for clearance, cost, name in table:
        print(f"{clearance:8.3f} m  cost {cost:2.0f}  {name}")
    touched = [clearance for clearance, cost, _ in table if cost > 0]
    clear = [clearance for clearance, cost, _ in table if cost == 0]
    assert touched, "no record has a contact: the rule is not put to the test"
    assert len(clear) > 30
    assert max(touched) <= SETTINGS.acceptance.contact_margin


def _alone(record: Record, how: str) -> str:
    """The digest of a tracked drive in an interpreter of its own."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent), "PYTHONHASHSEED": "7"}
    script, source = Path(__file__).with_name("replay_drives.py"), record.description["metadata"]["source_file"]
    done = subprocess.run(
        [sys.executable, str(script), str(WOMD.parent / source), record.name, how],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _chosen(moving: list[Record], count: int) -> list[Record]:
    """Records from all over the list, and none that was the first of a child."""
    return [moving[index] for index in np.linspace(5, len(moving) - 1, count, dtype=int)]


def test_bytes_are_those_of_a_fresh_interpreter(moving: list[Record], tracked: dict[str, Beside]) -> None:
    for record in _chosen(moving, 5):
        assert _alone(record, "replaced") == digest(tracked[record.name].rollout), record.name


def test_what_is_replaced_in_metadrive_changes_no_byte(moving: list[Record], tracked: dict[str, Beside]) -> None:
    for record in _chosen(moving, 3):
        assert _alone(record, "as it is") == digest(tracked[record.name].rollout), record.name
