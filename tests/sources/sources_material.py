"""A ScenarioNet database of small scenarios, and what may be wrong with it."""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from straight_road import straight_scenario

from gold_data.scenarionet import Description, describe, file_name, write_unit
from gold_data.scenarionet.pickles import read_pickle, write_pickle

IDS = ("0a", "0b", "0c")


def description(name: str) -> Description:
    return describe(straight_scenario(name), "some.tfrecord")


def write_database(folder: Path, names: Sequence[str] = IDS) -> Path:
    write_unit(folder, map(description, names))
    return folder


def write_description(folder: Path, name: str, **changes: Any) -> Path:
    """One pickle, without a summary."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(name)
    with path.open("wb") as file:
        write_pickle(file, {**description(name), **changes})
    return path


def rewrite(path: Path, value: Any) -> None:
    with path.open("wb") as file:
        write_pickle(file, value)


def change_summary(folder: Path, name: str, **changes: Any) -> None:
    path = folder / "dataset_summary.pkl"
    summary = read_pickle(path)
    summary[file_name(name)] |= changes
    rewrite(path, summary)


class Harm:
    """What makes a folder where it is unpickled by Python's own reader."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def write_harm(path: Path, makes: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps({"id": "0", "tracks": {}, "map_features": {}, "length": Harm(makes)}))
    return path
