"""The folder of a run: what is in it, and how one begins."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gold_data.errors import OutputError
from gold_data.shards import write_whole_file
from gold_train.settings import RunSettings

LAST: Final = "last.safetensors"
SETTINGS: Final = "settings.json"
METRICS: Final = "metrics.jsonl"
SPEED: Final = "speed.jsonl"
BOARD: Final = "tensorboard"
BUFFER: Final = "buffer"
GUIDE: Final = "guide.safetensors"


def has_begun(run: Path) -> bool:
    """Whether a training has begun in this folder; without one it must be empty, or not there yet.

    Raises OutputError where something else is there.
    """
    if (run / LAST).is_file():
        return True
    held = [path for path in run.iterdir() if not path.name.startswith(".")] if run.is_dir() else []
    if run.exists() and (held or not run.is_dir()):
        raise OutputError(f"{run}: is there already and holds no training to go on with; choose another place")
    return False


def begin(run: Path, settings: RunSettings, save: Callable[[], None]) -> None:
    """Make the folder, with what `save` writes there: from its first moment the training can be gone on with.

    Raises OutputError where it cannot be made.
    """
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{run}: cannot be made ({error}); choose another place") from error
    save()
    text = json.dumps(settings.model_dump(mode="json"), indent=1) + "\n"
    write_whole_file(run / SETTINGS, text.encode())
