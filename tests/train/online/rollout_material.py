"""Worlds, tasks and drivers for the tests of rollouts."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from replay_material import STRAIGHT, described, driver, settings_with, standing, straight

from gold_data.gym import EgoScene
from gold_data.settings import with_changes
from gold_train.environments.driving import DrivingWorld
from gold_train.environments.point_mass import layout_of
from gold_train.environments.point_mass_world import PointMassWorld
from gold_train.environments.world import Task, World
from gold_train.online.explorer import Explorer
from gold_train.policies.network import make_network, spread_of
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.policies.sampling import sampling_of
from gold_train.policies.student import Student
from gold_train.settings import CloningRun, CvpoRun, IqlRun, RunSettings, StudentSettings, transformer_run


def toy(scenes: int) -> PointMassWorld:
    """So many scenes of the toy."""
    return PointMassWorld([layout_of(f"scene-{number}") for number in range(scenes)])


def driving(*, expert: bool = False, varied: bool = False) -> DrivingWorld:
    """Three made-up scenes in the batched engine: someone stands ahead, a bend, nobody."""
    scenes = (
        EgoScene(straight(others={"car": standing("VEHICLE", 10.0, 0.5, len(STRAIGHT))}, name="car"), "ego"),
        EgoScene(described(driver(np.full(30, 5.0), -0.08), curvature=-0.08, name="bend"), "ego"),
        EgoScene(straight(name="free"), "ego"),
    )
    settings = settings_with(ends={"end": "record", "limit": 1.0})
    return DrivingWorld(scenes, settings, ("one", "other", "one"), expert=expert, varied=varied)


def task(frames: int = 91, route_length: float = 60.0) -> Task:
    """A task that is about the same as others."""
    return Task("scenario", "sdc", frames, route_length, 0.0, "drive")


def columns(world: World) -> NDArray[np.int64]:
    """All of an observation."""
    return np.arange(world.blocks[-1].stop)


def policy(world: World, settings: RunSettings) -> Policy:
    """An untrained policy that sees all; the same weights each time."""
    size = world.blocks[-1].stop
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        network = make_network(settings, Normaliser(torch.zeros(size), torch.ones(size), 0.01, 10.0), size, 2)
    return Policy(network.eval(), settings, world.blocks, Lineage("a", "b", "0"), 0, np.linspace(0, 20, 101))


def transformer(world: World) -> Policy:
    """A guide with a memory of four steps."""
    changes = {"model.width": "8", "model.context": "4", "model.heads": "2", "targets.mode": "quantile"}
    return policy(world, with_changes(transformer_run("toy"), changes))


def cloner(world: World) -> Policy:
    """A guide without memory."""
    return policy(world, with_changes(CloningRun(), {"model.hidden": "8"}))


def student(world: World, settings: IqlRun | CvpoRun | None = None) -> Student:
    """A small student that explores widely."""
    run = settings or IqlRun()
    size = world.blocks[-1].stop
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        made = Student(
            StudentSettings(hidden=(16,)),
            Normaliser(torch.zeros(size), torch.ones(size), 0.01, 10.0),
            size,
            2,
            spread_of(run),
        )
    return made


def explorer(world: World) -> Explorer:
    """The student, exploring as AWR does."""
    return Explorer(student(world), sampling_of(IqlRun()))
