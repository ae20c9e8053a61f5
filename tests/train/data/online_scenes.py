"""Short records in which a car drives on, turns, or meets somebody beside the road."""

from __future__ import annotations

import numpy as np
from replay_material import described, driver, settings_with, standing, straight

from gold_data.gym import Demonstrations, EgoScene
from gold_data.settings import ConvertSettings

SETTINGS: ConvertSettings = settings_with()

SCENES = (
    EgoScene(straight(np.full(40, 8.0), {"car": standing("VEHICLE", 20.0, 4.0, 40)}, name="beside"), "ego"),
    EgoScene(described(driver(np.full(30, 6.0), 0.05), curvature=0.05, name="bend"), "ego"),
    EgoScene(straight(np.linspace(9.0, 2.0, 50), name="slower"), "ego"),
)


def demonstrations(settings: ConvertSettings = SETTINGS) -> Demonstrations:
    return Demonstrations(SCENES, settings)
