"""Anchors on real records: the record and its tracker arrive without a fault, and both engines say the same of them."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from gold_data.gym import EgoScene, scenes_of
from gold_data.settings import ConvertSettings
from gold_train.environments.driving import DrivingWorld
from gold_train.evaluation.anchors import LOG, anchors_of
from gold_train.evaluation.isolated import drive_isolated
from gold_train.evaluation.metrics import ARRIVAL, measure
from gold_train.evaluation.trace import Trace

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))
SCENES = 4

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason="no WOMD records: set GOLD_WOMD")


@pytest.fixture(scope="module")
def scenes() -> list[EgoScene]:
    return list(islice(scenes_of([str(WOMD / "training_20s")], ConvertSettings()), SCENES))


def world(scenes: list[EgoScene], engine: str) -> DrivingWorld:
    return DrivingWorld(scenes, ConvertSettings(), [scene.scenario_id for scene in scenes], engine)


@pytest.mark.parametrize("name", [LOG, "tracker"])
def test_both_engines_say_the_same_of_an_anchor(scenes: list[EgoScene], name: str) -> None:
    batched, metadrive = world(scenes, "batched"), world(scenes, "metadrive")
    numbers, targets = range(SCENES), [np.nan] * SCENES
    here = anchors_of(batched, "batched")[name].drive(batched, numbers, targets, 1, lambda step: None)
    there = drive_isolated(anchors_of(metadrive, "metadrive")[name], metadrive, numbers, targets, 2, 300.0)
    for task, ours, theirs in zip(batched.tasks, here, there, strict=True):
        assert isinstance(theirs, Trace), task
        one, other = measure(task, ours), measure(task, theirs)
        assert one.end == other.end == ARRIVAL, task
        assert one.success, task
        assert other.success, task
        assert (one.contact, one.at_fault) == (other.contact, other.at_fault), task
        assert abs(one.length - other.length) <= 1, task
        assert one.completion == pytest.approx(other.completion, abs=0.02), task
        assert one.mean_speed == pytest.approx(other.mean_speed, abs=0.05), task
        assert one.returned == pytest.approx(other.returned, abs=6.0), task  # an arrival a step later, a line touched
