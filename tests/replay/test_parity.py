"""Two drives held against each other: what counts as off, and where the first contact parts them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from gold_data.replay.flags import Flag
from gold_data.replay.parity import Agreement, Driven, Off, compare_drives

STEPS = 6
LAYOUT = {"near": slice(0, 2), "far": slice(2, 3)}
FLAGS = arrays(np.int64, STEPS, elements=st.integers(0, 127))


def _driven(**changes: object) -> Driven:
    plain = Driven(
        observations=np.zeros((STEPS + 1, 3), np.float32),
        poses=np.zeros((STEPS + 1, 3)),
        rewards=np.zeros(STEPS),
        costs=np.zeros(STEPS),
        flags=np.zeros(STEPS, np.int64),
        arrived=np.zeros(STEPS + 1, bool),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_what_is_off() -> None:
    found = Off.of(np.array([0.0, 9e-4, -2e-3, 0.02, -0.5]))
    assert found == Off(5, 3, 2, 0.5)
    assert Off.of(np.array([math.nan, 0.0])) == Off(2, 1, 1, math.inf)
    assert Off.of(np.zeros(0)) == Off()
    assert found + Off.of(np.array([-0.7])) == Off(6, 4, 3, 0.7)


def test_a_frame_with_another_kind_is_wrong() -> None:
    vehicle, human = int(Flag.CONTACT_VEHICLE), int(Flag.CONTACT_HUMAN)
    theirs = np.array([0, 0, vehicle, vehicle, vehicle, vehicle | human, int(Flag.SOLID_LINE)])
    ours = np.array([0, human, 0, vehicle, human, vehicle, 0])
    assert Agreement.of(theirs, ours, Flag.contact()) == Agreement(neither=2, batched=1, metadrive=3, both=1)
    assert Agreement.of(theirs, ours, Flag.SOLID_LINE) == Agreement(neither=6, metadrive=1)


@settings(max_examples=50, deadline=None)
@given(FLAGS, FLAGS)
def test_every_frame_is_counted_once(theirs: NDArray[np.int64], ours: NDArray[np.int64]) -> None:
    for kinds in (Flag.contact(), Flag.SOLID_LINE):
        agreement = Agreement.of(theirs, ours, kinds)
        assert agreement.frames == STEPS
        assert agreement.wrong == int((theirs & kinds.value != ours & kinds.value).sum())


def test_drives_that_are_the_same() -> None:
    drive = _driven(poses=np.arange(3.0 * (STEPS + 1)).reshape(-1, 3))
    parity = compare_drives("log", drive, drive, drive.flags, LAYOUT)
    assert (parity.steps, parity.first_contact) == (STEPS, None)
    assert parity.before.values == {
        "near": Off(2 * (STEPS + 1)),
        "far": Off(STEPS + 1),
        "reward": Off(STEPS),
        "cost": Off(STEPS),
    }
    assert parity.before.contact == Agreement(neither=STEPS)
    assert parity.after.contact.frames == parity.after.values["near"].values == 0
    assert parity.position == parity.heading == (0.0,) * (STEPS + 1)


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_the_first_contact_parts_the_drive(step: int) -> None:
    flags = np.zeros(STEPS, np.int64)
    flags[step - 1 :: 2] = int(Flag.CONTACT_OBJECT)
    off = np.zeros((STEPS + 1, 3), np.float32)
    off[step:, 2] = 1.0
    late = np.append(False, flags[:-1] > 0)
    batched = _driven(observations=off, rewards=np.arange(STEPS) + 1.0 - step, flags=np.where(late, 2, 0))
    parity = compare_drives("random", _driven(flags=flags), batched, flags, LAYOUT)
    assert parity.first_contact == step
    assert parity.before.values["far"] == Off(step)
    assert parity.after.values["far"] == Off(STEPS + 1 - step, STEPS + 1 - step, STEPS + 1 - step, 1.0)
    assert parity.before.values["reward"].values == step - 1
    assert parity.after.values["reward"].values == STEPS - step + 1
    assert parity.before.contact == Agreement(neither=step - 1, metadrive=1)  # a contact that comes late counts once
    assert parity.before.contact_at_pose == Agreement(neither=step - 1, both=1)
    assert parity.after.contact.frames == STEPS - step


def test_distance_and_turn() -> None:
    there, here = np.zeros((STEPS + 1, 3)), np.zeros((STEPS + 1, 3))
    there[:, 2], here[:, 2] = math.pi - 0.01, 0.02 - math.pi
    here[3, :2] = 3.0, 4.0
    parity = compare_drives("tracker", _driven(poses=there), _driven(poses=here), np.zeros(STEPS, np.int64), LAYOUT)
    assert parity.position == (0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0)
    assert parity.heading == pytest.approx((0.03,) * (STEPS + 1))


def test_arrival_is_asked_for_before_the_contact_and_at_the_end() -> None:
    flags = np.array([0, 0, 0, 1, 0, 0])
    early, late = np.arange(STEPS + 1) >= 3, np.arange(STEPS + 1) >= 5
    parity = compare_drives("random", _driven(flags=flags, arrived=early), _driven(arrived=late), flags, LAYOUT)
    assert parity.arrived_before == (True, False)
    assert parity.arrived == (True, True)
