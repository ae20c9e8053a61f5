"""A ScenarioNet database on disk, one sub-folder a unit, as MetaDrive's ScenarioEnv opens it.

    ROOT/dataset_summary.pkl              {file name: metadata} of all units
    ROOT/dataset_mapping.pkl              {file name: sub-folder}
    ROOT/UNIT/dataset_summary.pkl         the same of one unit
    ROOT/UNIT/dataset_mapping.pkl         {file name: ""}
    ROOT/UNIT/sd_waymo_v1.2_ID.pkl        a description

The layout is that of scenarionet/converter/utils.py (write_to_directory); the bytes depend on the descriptions alone.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gold_data.errors import DatasetError, OutputError
from gold_data.scenarionet.description import Description, file_name
from gold_data.scenarionet.pickles import Entries, read_pickle, write_pickle

SUMMARY_FILE = "dataset_summary.pkl"
MAPPING_FILE = "dataset_mapping.pkl"


def write_unit(folder: Path, descriptions: Iterable[Description]) -> int:
    """Write descriptions and, last, their summary and mapping into `folder`; the number of scenarios.

    Each description is let go once it is written. The folder is made if it is not there. Raises OutputError where a
    file cannot be written or is there already, as it is when a scenario id comes twice; DescriptionError where an id is
    not fit for a file name.
    """
    summary: dict[str, Any] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for description in descriptions:
            name = file_name(description["id"])
            with (folder / name).open("xb") as file:
                write_pickle(file, description)
            summary[name] = _summary_entry(description["metadata"])
        for kind, value in ((SUMMARY_FILE, summary), (MAPPING_FILE, dict.fromkeys(summary, ""))):
            with (folder / kind).open("xb") as file:
                write_pickle(file, dict(sorted(value.items())))
    except OSError as error:
        raise OutputError(
            f"{error.filename or folder}: cannot be written: {error.strerror}; use an empty folder with room to write."
        ) from error
    return len(summary)


def write_summary(root: Path) -> int:
    """Write the summary and the mapping of all units under `root`, replacing older ones; the number of scenarios.

    Units are taken in the order of their names and read one at a time; of what is written, only the file names stay in
    memory. A sub-folder without a summary, or whose name starts with a dot, is not a unit. Raises DatasetError where a
    unit's summary cannot be read, OutputError where a scenario is in two units or a file cannot be written.
    """
    mapping: dict[str, str] = {}
    units = [path.parent for path in sorted(root.glob(f"*/{SUMMARY_FILE}")) if not path.parent.name.startswith(".")]
    try:
        _replace(root / SUMMARY_FILE, Entries(_unit_entries(units, mapping)))
        _replace(root / MAPPING_FILE, mapping)
    except OSError as error:
        raise OutputError(
            f"{error.filename or root}: cannot be written: {error.strerror}; make room or allow writing there."
        ) from error
    return len(mapping)


def load(path: Path) -> Description:
    """Read one description, without running anything that the file names; raises DatasetError where that cannot be."""
    description = read_pickle(path)
    if not isinstance(description, dict) or not {"tracks", "map_features", "length"} <= description.keys():
        raise DatasetError(f"{path} holds no ScenarioNet description; name a file sd_*.pkl of a database.")
    return description


def _unit_entries(units: Iterable[Path], mapping: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for unit in units:
        summary = read_pickle(unit / SUMMARY_FILE)
        if not isinstance(summary, dict):
            raise DatasetError(f"{unit / SUMMARY_FILE} holds no summary; write the unit again.")
        for name, entry in summary.items():
            if name in mapping:
                raise OutputError(f"{unit}: {name} is in {mapping[name]} too; remove one of the two units.")
            mapping[name] = unit.name
            yield name, entry


def _replace(path: Path, value: Any) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            write_pickle(file, value)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _summary_entry(value: Any) -> Any:
    """Metadata with arrays as lists and sets as tuples, as in dict_recursive_remove_array_and_set of ScenarioNet."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, set):
        return tuple(sorted(value, key=repr))
    if isinstance(value, dict):
        entries = {key: _summary_entry(item) for key, item in value.items()}
        return defaultdict(value.default_factory, entries) if isinstance(value, defaultdict) else entries
    return value
