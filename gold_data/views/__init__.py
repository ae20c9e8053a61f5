"""For eyes: tables and pictures.

Who draws scenes of his own does it in the pictures' style. Names are imported when they are asked for: the room above
looks records up in this one, and needs no matplotlib for that.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gold_data.views.from_above import ego_outline
    from gold_data.views.scene_above import draw_scene, finish_scene
    from gold_data.views.sheet import drawn, png
    from gold_data.views.surroundings import View, view_around

_HOMES = {
    "from_above": ("ego_outline",),
    "scene_above": ("draw_scene", "finish_scene"),
    "sheet": ("drawn", "png"),
    "surroundings": ("View", "view_around"),
}

__all__ = ["View", "draw_scene", "drawn", "ego_outline", "finish_scene", "png", "view_around"]


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
