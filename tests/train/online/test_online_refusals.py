"""Scenes that the simulator refuses."""

from __future__ import annotations

import pytest
from rollout_material import task

from gold_data.errors import DatasetError, SceneError, SimulatorError
from gold_train.errors import TrainingError
from gold_train.online.refusals import Refusals


def test_each_refusal_is_told_once_by_scene_and_reason() -> None:
    refusals = Refusals([task(), task()], most=3)
    refusals.add(1, AssertionError("no lane\n  here"))
    refusals.add(0, ValueError())
    assert refusals.told() == [
        "scene scenario/sdc: the simulator refused it (no lane here)",
        "scene scenario/sdc: the simulator refused it (ValueError)",
    ]
    assert refusals.told() == []
    assert refusals.found == {1: "no lane here", 0: "ValueError"}


def test_only_refusals_that_follow_each_other_end_the_run() -> None:
    refusals = Refusals([task()], most=2)
    for _ in range(3):
        refusals.add(0, SceneError("no road"))
        refusals.driven()
    refusals.add(0, SimulatorError("timeout", 3, "it hung"))
    with pytest.raises(TrainingError, match="refused 2 scenes in a row"):
        refusals.add(0, SceneError("no road"))


def test_what_is_not_the_scenes_fault_is_raised_as_it_is() -> None:
    with pytest.raises(DatasetError, match="gone"):
        Refusals([task()], most=2).add(0, DatasetError("the record is gone"))
