"""Records as gymnasium environments: one at a time in either engine, or many at once in the batched one."""

from gold_data.gym.demonstrations import Demonstrations, Drawn
from gold_data.gym.scenes import DatasetScenes, EgoScene, scenes_of, scenes_of_dataset, settings_of_dataset
from gold_data.gym.single import DrivingEnv
from gold_data.gym.variations import draw_variation
from gold_data.gym.vector import DrivingVectorEnv
from gold_data.trajectories.demonstrations import Course

__all__ = [
    "Course",
    "DatasetScenes",
    "Demonstrations",
    "Drawn",
    "DrivingEnv",
    "DrivingVectorEnv",
    "EgoScene",
    "draw_variation",
    "scenes_of",
    "scenes_of_dataset",
    "settings_of_dataset",
]
