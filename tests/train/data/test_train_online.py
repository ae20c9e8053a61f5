from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from online_scenes import SCENES, demonstrations

from gold_data.gym import Demonstrations
from gold_train.data.batch import Batch
from gold_train.data.online import OnlineBatches

COLUMNS = np.array([13, 0, 200, 7])


@pytest.fixture(scope="module")
def drawn_from() -> Demonstrations:
    return demonstrations()


def batches(drawn_from: Demonstrations, seed: int = 0, length: int = 4, batch_size: int = 16) -> OnlineBatches:
    return OnlineBatches(drawn_from, COLUMNS, drives=6, length=length, batch_size=batch_size, seed=seed)


def same(one: Batch, other: Batch) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_shapes_and_types(drawn_from: Demonstrations) -> None:
    batch = batches(drawn_from).batch(0)
    assert {name: (tuple(value.shape), value.dtype) for name, value in batch._asdict().items()} == {
        "observations": ((16, 4, 4), torch.float32),
        "actions": ((16, 4, 2), torch.float32),
        "targets": ((16, 4, 2), torch.float32),
        "returns_to_go": ((16, 4), torch.float32),
        "timesteps": ((16, 4), torch.int64),
        "mask": ((16, 4), torch.bool),
    }


def test_a_batch_is_a_function_of_seed_and_step_whatever_was_asked_for_before(drawn_from: Demonstrations) -> None:
    made = batches(drawn_from)
    last = 2 * made.batches_a_round
    forwards = [made.batch(step) for step in range(last + 1)]
    again = batches(demonstrations())
    for step in (last, 0, made.batches_a_round, 3):
        assert same(again.batch(step), forwards[step])
    assert not same(batches(drawn_from, seed=1).batch(0), forwards[0])


def test_rounds_are_drawn_anew(drawn_from: Demonstrations) -> None:
    made = batches(drawn_from, batch_size=1)
    rounds = [
        {
            tuple(row)
            for step in range(number * made.batches_a_round, (number + 1) * made.batches_a_round)
            for row in made.batch(step).observations[0, -1:].tolist()
        }
        for number in range(2)
    ]
    # Each step of the first round ended one window; hardly a row of the second was there before.
    assert len(rounds[0]) > 0.9 * made.batches_a_round
    assert len(rounds[0] & rounds[1]) < 0.1 * len(rounds[0])


def test_windows_are_stretches_of_one_drive(drawn_from: Demonstrations) -> None:
    batch = batches(drawn_from, length=5).batch(0)
    steps, mask = batch.timesteps, batch.mask
    assert mask[:, -1].all()
    assert torch.equal(mask, steps[:, -1:] + torch.arange(-4, 1) >= 0)
    both = mask[:, 1:] & mask[:, :-1]
    assert (steps[:, 1:] - steps[:, :-1])[both].eq(1).all()
    assert not batch.observations[~mask].any()
    # The last action is in the observation (ego: last_steering as (. + 1)/2), the steering of the step before.
    ego = OnlineBatches(drawn_from, np.array([15]), drives=6, length=5, batch_size=16, seed=0).batch(0)
    seen = 2 * ego.observations[:, 1:, 0] - 1
    torch.testing.assert_close(seen[both], ego.actions[:, :-1, 0][both], atol=1e-6, rtol=0)


def test_targets_are_the_trackers_and_actions_what_was_executed(drawn_from: Demonstrations) -> None:
    made = batches(drawn_from, batch_size=64)
    disturbed = torch.cat([(made.batch(k).targets - made.batch(k).actions)[:, -1] for k in range(3)])
    # Eight drives of ten are noisy.
    assert 0.3 < disturbed.any(dim=1).float().mean() < 1.0


def test_rows_name_scene_drive_and_step(drawn_from: Demonstrations) -> None:
    made = batches(drawn_from)
    told = made.rows(made.batches_a_round)
    head, _, rows = told.partition(": ")
    assert head == "round 1 of seed 0"
    ids = {f"{scene.scenario_id}/{scene.ego_id}" for scene in SCENES}
    named = [part.rpartition(" at ") for part in rows.split("; ")]
    assert {name.split(", drive ")[0] for name, _, _ in named} <= ids
    ends = sorted(int(step) for _, _, steps in named for step in steps.split(", "))
    assert ends == sorted(made.batch(made.batches_a_round).timesteps[:, -1].tolist())


def test_a_batch_before_the_first_is_refused(drawn_from: Demonstrations) -> None:
    with pytest.raises(IndexError, match="batch -1"):
        batches(drawn_from).batch(-1)


def test_torch_keeps_its_number_of_threads() -> None:
    """In a process of its own: numba changes it in its first parallel call alone."""
    here = Path(__file__).parent
    code = (
        "import torch; torch.set_num_threads(1); import test_train_online as online;"
        "online.batches(online.demonstrations()); print(torch.get_num_threads())"
    )
    paths = os.pathsep.join(map(str, (here, here.parents[1] / "replay", here.parents[2])))
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": paths},
    )
    assert done.stdout.split() == ["1"], done.stderr
