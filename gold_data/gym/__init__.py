"""Records as gymnasium environments: one at a time in either engine, or many at once in the batched one."""

from gold_data.gym.scenes import EgoScene, scenes_of, scenes_of_dataset
from gold_data.gym.single import DrivingEnv
from gold_data.gym.vector import DrivingVectorEnv

__all__ = ["DrivingEnv", "DrivingVectorEnv", "EgoScene", "scenes_of", "scenes_of_dataset"]
