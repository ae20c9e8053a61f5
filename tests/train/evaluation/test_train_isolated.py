"""Children: the same traces as here, in order, and a task that fails costs that task."""

from __future__ import annotations

import numpy as np
from evaluation_material import FaultyDriver, SeekerDriver, toy

from gold_train.evaluation.isolated import Refusal, drive_isolated
from gold_train.evaluation.trace import Trace


def test_children_drive_as_this_process_does_and_name_what_fails() -> None:
    world = toy(6)
    faulty = FaultyDriver(raises="scene-1", dies="scene-3")
    numbers = [4, 3, 2, 1, 0, 5]
    results = list(drive_isolated(faulty, world, numbers, [0.0] * 6, 2, 60.0))
    assert [result for result in results if isinstance(result, Refusal)] == [
        Refusal("died by exit code 3 at step 2"),
        Refusal("ArithmeticError at step 2"),
    ]
    here = SeekerDriver().drive(world, numbers, [0.0] * 6, 3, lambda number: None)
    for number, ours, theirs in zip(numbers, here, results, strict=True):
        assert isinstance(theirs, Trace) == (number not in (1, 3))
        if isinstance(theirs, Trace):
            assert np.array_equal(ours.rewards, theirs.rewards)
            assert np.array_equal(ours.completion, theirs.completion)
