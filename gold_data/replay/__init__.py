"""Description -> what driving it gives, step by step.

`Drive` is the one interface; `MetaDrive` is the reference engine, `Batched` its twin, and `Isolated` runs either where
a crash or a hang costs one scenario. Names are imported when they are asked for: the room above reads arrays
of this one, and who only reads datasets has neither scipy nor MetaDrive.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gold_data.replay.batched.engine import Batched
    from gold_data.replay.batched.replaying import replay_batched
    from gold_data.replay.disturbance import Disturbance
    from gold_data.replay.drive import Drive, Engine, Outcome, Readings
    from gold_data.replay.flags import Flag
    from gold_data.replay.isolation import Isolated
    from gold_data.replay.metadrive import MetaDrive
    from gold_data.replay.observation import Block, blocks, slices
    from gold_data.replay.record import (
        ContactOnLog,
        DriveJob,
        Tracked,
        drive_job,
        replay_record,
        track_record,
    )
    from gold_data.replay.rollout import Rollout
    from gold_data.replay.scene import Scene, StartOffset, make_scene
    from gold_data.replay.tracker import Tracker
    from gold_data.replay.variation import Variation
    from gold_data.scenarionet import Description

_HOMES = {
    "batched.engine": ("Batched",),
    "batched.replaying": ("replay_batched",),
    "disturbance": ("Disturbance",),
    "drive": ("Drive", "Engine", "Outcome", "Readings"),
    "flags": ("Flag",),
    "isolation": ("Isolated",),
    "metadrive": ("MetaDrive",),
    "observation": ("Block", "blocks", "slices"),
    "record": ("ContactOnLog", "DriveJob", "Tracked", "drive_job", "replay_record", "track_record"),
    "rollout": ("Rollout",),
    "scene": ("Description", "Scene", "StartOffset", "make_scene"),
    "tracker": ("Tracker",),
    "variation": ("Variation",),
}

__all__ = [
    "Batched",
    "Block",
    "ContactOnLog",
    "Description",
    "Disturbance",
    "Drive",
    "DriveJob",
    "Engine",
    "Flag",
    "Isolated",
    "MetaDrive",
    "Outcome",
    "Readings",
    "Rollout",
    "Scene",
    "StartOffset",
    "Tracked",
    "Tracker",
    "Variation",
    "blocks",
    "drive_job",
    "make_scene",
    "replay_batched",
    "replay_record",
    "slices",
    "track_record",
]


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
