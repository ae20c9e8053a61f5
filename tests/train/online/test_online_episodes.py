"""What a running episode is summed up to."""

from __future__ import annotations

import numpy as np
import pytest
from rollout_material import task

from gold_data.replay import Flag
from gold_train.online.episodes import Ended, Episodes

ROWS = np.arange(1)


def driven(flags: list[int], arrived: int | None, frames: int = 4, guided: int = 1, terminated: bool = True) -> Ended:
    """An episode of one step for each of these flags, which arrives in step number `arrived`, from 1 on."""
    episodes = Episodes([task(frames=frames)], 1, 2)
    episodes.begin(ROWS, np.array([7]), np.array([0]), np.array([guided]))
    for number, flag in enumerate(flags, 1):
        told = {
            "cost": np.array([float(bool(flag))]),
            "flags": np.array([flag]),
            "arrived": np.array([arrived is not None and number >= arrived]),
        }
        acted = np.full((1, 2), number / 10, np.float32)
        episodes.note(ROWS, acted, np.array([number <= guided]), np.array([2.0], np.float32), told)
    assert episodes.actions[0, : len(flags), 0].tolist() == pytest.approx([k / 10 for k in range(1, len(flags) + 1)])
    return episodes.ended(0, terminated, told)


def test_success_is_arrival_within_the_record() -> None:
    assert driven([0, 0, 0, 0], arrived=4).success
    late = driven([0, 0, 0, 0, 0], arrived=5)
    assert not late.success
    assert not late.timed_out


def test_ends_are_told_apart() -> None:
    off = driven([0, int(Flag.OUT_OF_ROAD)], None)
    assert (off.out_of_road, off.timed_out, off.success) == (True, False, False)
    late = driven([0] * 6, None, terminated=False)
    assert (late.out_of_road, late.timed_out) == (False, True)
    back = driven([0, 0], None)
    assert (back.out_of_road, back.timed_out) == (False, False)


def test_sums_and_contacts_are_of_all_steps() -> None:
    ended = driven([0, int(Flag.CONTACT_HUMAN), int(Flag.SOLID_LINE), 0, 0, 0], None, guided=2, terminated=False)
    assert (ended.returned, ended.cost, ended.contact) == (12.0, 2.0, True)
    assert (ended.length, ended.guide_steps, ended.student_steps) == (6, 2, 4)
    assert not driven([int(Flag.SOLID_LINE)], 1).contact
    assert driven([0], 1).scene == 0


def test_a_new_episode_knows_nothing_of_the_one_before() -> None:
    episodes = Episodes([task(frames=4)], 1, 2)
    told = {"cost": np.ones(1), "flags": np.array([int(Flag.CONTACT_VEHICLE)]), "arrived": np.ones(1, bool)}
    quiet = {"cost": np.zeros(1), "flags": np.zeros(1, np.int64), "arrived": np.zeros(1, bool)}
    for step in (told, quiet):
        episodes.begin(ROWS, np.array([0]), np.array([0]), np.array([0]))
        episodes.note(ROWS, np.zeros((1, 2), np.float32), np.ones(1, bool), np.ones(1, np.float32), step)
    ended = episodes.ended(0, False, quiet)
    assert ended == Ended(0, 1.0, 0.0, False, False, False, True, 1, 1, 0)
