"""Which scene is drawn, and that it is driven as it was evaluated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from replay_material import settings_with, straight
from report_material import QUIET

from gold_data.gym import EgoScene
from gold_train.checkpoint import BEST, save_policy
from gold_train.environments.driving import DrivingWorld
from gold_train.environments.world import Task
from gold_train.evaluation.drivers import PolicyDriver
from gold_train.evaluation.summary import EpisodeRow
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.report.scene import DrivenPath, Driver, drive_scene, furthest_apart, telling_scene
from gold_train.report.scene_picture import draw_two
from gold_train.settings import CloningRun

SCENES = (EgoScene(straight(name="free"), "ego"),)


def row(scenario: str, **more: object) -> EpisodeRow:
    return EpisodeRow("a", Task(scenario, "sdc", 91, 60.0, 0.0, scenario), replace(QUIET, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("better", ["first", "second"])
def test_the_first_scene_that_ends_differently_is_drawn_whoever_does_better(better: str) -> None:
    good = [row("a", returned=9.0), row("b"), row("c"), row("d")]
    bad = [row("d", success=False, contact=True), row("c", contact=True), row("b"), row("a")]
    first, second = (good, bad[::-1]) if better == "first" else (bad[::-1], good)
    found = telling_scene(first, second)
    assert found is not None
    assert found[0] == ("c", "sdc")
    assert "one arrives or touches someone and the other does not" in found[1]


def test_what_both_end_alike_or_did_not_both_drive() -> None:
    refused = EpisodeRow("a", Task("a", "sdc", 91, 60.0, 0.0, "a"), None)
    assert telling_scene([refused, row("b"), row("c")], [row("a"), row("c", returned=1.0), row("b")]) == (
        ("b", "sdc"),
        "the first scene: both end alike in all",
    )
    assert telling_scene([row("a")], [row("b")]) is None
    assert telling_scene([refused], [row("a")]) is None


def path(name: str, along: list[float]) -> DrivenPath:
    states = np.zeros((len(along), 7))
    states[:, 0] = along
    return DrivenPath(name, states, True, None)


def test_the_step_of_the_largest_difference_is_one_that_both_drove() -> None:
    assert furthest_apart([path("a", [0, 1, 2, 3]), path("b", [0, 3, 3, 3, 90])]) == 1


def test_it_is_driven_as_it_was_evaluated_and_drawn(tmp_path: Path) -> None:
    torch.manual_seed(0)
    world = DrivingWorld(SCENES, settings_with(), ["one"])
    size = world.blocks[-1].stop
    settings = CloningRun.model_validate({"model": {"hidden": (8,)}})
    network = make_network(settings, Normaliser(torch.zeros(size), torch.ones(size), 1e-2, 10.0), size, 2)
    save_policy(tmp_path / BEST, Policy(network, settings, world.blocks, Lineage("m", "s", "0"), 1, np.zeros(101)))
    driver = Driver("one", tmp_path / BEST)
    found, again = drive_scene(world, 0, [driver, replace(driver, name="two")], "batched")
    (trace,) = PolicyDriver(tmp_path / BEST).drive(world, [0], [np.nan], 1, lambda step: None)
    np.testing.assert_allclose(np.hypot(found.states[:, 4], found.states[:, 5]), trace.speed, atol=1e-6)
    np.testing.assert_array_equal(found.states, again.states)
    assert found.arrived == bool(trace.arrived[-1])
    assert draw_two(SCENES[0], [found, again], "here", "the first").startswith(b"\x89PNG")
