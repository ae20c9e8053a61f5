"""Scenes of several lengths in which a car, a walker or nobody is met."""

from __future__ import annotations

import numpy as np
from replay_material import STRAIGHT, described, driver, settings_with, standing, straight

from gold_data.gym import EgoScene
from gold_data.settings import ConvertSettings

SETTINGS: ConvertSettings = settings_with(ends={"limit": 1.5})

SCENES = (
    EgoScene(straight(others={"car": standing("VEHICLE", 10.0, 0.5, len(STRAIGHT))}, name="car"), "ego"),
    EgoScene(
        described(
            driver(np.full(30, 5.0), -0.08),
            {"walker": standing("PEDESTRIAN", 6.0, -0.5, 30)},
            curvature=-0.08,
            name="walker",
        ),
        "ego",
    ),
    EgoScene(straight(STRAIGHT[:24], heading=2.0, name="nobody"), "ego"),
)
