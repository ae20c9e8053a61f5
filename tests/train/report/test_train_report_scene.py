"""Which scene is drawn, and that it is driven as it was evaluated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
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


def test_where_the_first_does_best_against_the_second() -> None:
    first = [row("a"), row("b", returned=99.0), row("c"), row("d", contact=True)]
    second = [row("d"), row("b"), row("a", contact=True), row("c", success=False, contact=True)]
    assert telling_scene(first, second) == ("c", "sdc")
    assert telling_scene(first[:2], second[1:2]) == ("b", "sdc")
    assert telling_scene(first[:1], second[:1]) is None


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
    assert draw_two(SCENES[0], [found, again], "here").startswith(b"\x89PNG")
