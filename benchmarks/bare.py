"""The bare loop: our isolation and our neutral replacements, recorded actions, and nothing done with what is seen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from gold_data import ConvertSettings
from gold_data.replay import make_scene


def drive(job: tuple[Any, ...], on_step: Callable[[int], None]) -> int:
    """Drive one scene; the number of steps."""
    from gold_data.replay.metadrive import MetaDrive

    description, ego_id, actions = job
    with closing(MetaDrive(ConvertSettings().simulator)) as engine:
        engine.reset(make_scene(description, ego_id))
        for action in actions.astype(float):
            engine.step(action)
    return len(actions)
