"""One scene with all that kernels need to drive an episode in it, made once for every drive of it."""

from __future__ import annotations

from dataclasses import dataclass

from gold_data.replay.batched.batch import Around, stack_around
from gold_data.replay.batched.environment import World, world_of
from gold_data.replay.scene import Scene
from gold_data.replay.surroundings import surroundings_of
from gold_data.settings import SimulatorSettings


@dataclass(frozen=True)
class Stage:
    """A scene and its arrays."""

    scene: Scene
    world: World
    around: Around


def stage_of(scene: Scene, settings: SimulatorSettings) -> Stage:
    """Compile a scene. Raises SceneError for one that cannot be driven."""
    return Stage(
        scene,
        world_of(scene, settings.lidar_rays, settings.max_speed_km_h),
        stack_around([surroundings_of(scene)]),
    )
