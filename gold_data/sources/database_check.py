"""Is a ScenarioNet database whole? Its summary against its files, each of which is opened, and its mapping.

ScenarioNet's own checker counts what a summary lists and lets an empty one pass; here that is a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from gold_data.errors import SourceError
from gold_data.scenarionet.database import MAPPING_FILE, SUMMARY_FILE
from gold_data.scenarionet.pickles import RefusedPickle, skim
from gold_data.sources.find import find_sources
from gold_data.sources.read import outlines
from gold_data.womd import Damage


@dataclass(frozen=True)
class Fault:
    """What is wrong with the file at `path` below the database's folder, in one sentence."""

    path: str
    reason: str


@dataclass(frozen=True)
class DatabaseCheck:
    """How many scenarios a database holds whole, and what is wrong with the rest."""

    scenarios: int
    faults: tuple[Fault, ...]


def check_database(root: Path, on_file: Callable[[str], None] = lambda path: None) -> DatabaseCheck:
    """Open every file of a database, units of it included, without running anything that it names.

    Each listed file has to be there, to hold a sound description, of the id and the length that the summaries give it,
    and each scenario comes once; each pickle has to be listed; mappings list what summaries list; links are not
    followed out of the folder but named. `on_file` is told of each file that was opened.
    """
    faults = [*_links(root), *_listings(root)]
    try:
        sources = find_sources([str(root)])
    except SourceError as error:
        unless_named = [] if faults else [Fault(SUMMARY_FILE, str(error))]
        return DatabaseCheck(0, tuple([*faults, *unless_named]))
    first: dict[str, str] = {}
    for source in sources:
        path = PurePosixPath(source.name).relative_to(PurePosixPath(source.name).parts[0]).as_posix()
        for found in outlines(source):
            if isinstance(found, Damage):
                faults.append(Fault(path, found.reason))
                continue
            other = first.setdefault(found.outline.scenario_id, path)
            if other != path:
                faults.append(Fault(path, f"holds scenario {found.outline.scenario_id}, as {other} does"))
        on_file(path)
    return DatabaseCheck(len(first), tuple(sorted(faults, key=lambda fault: (fault.path, fault.reason))))


def _links(root: Path) -> Iterator[Fault]:
    for path in sorted(root.rglob("*")):
        if path.is_symlink():
            yield Fault(path.relative_to(root).as_posix(), "is a link; a database holds plain files and folders")


def _listings(root: Path) -> Iterator[Fault]:
    """What is wrong with summaries and mappings themselves, whatever files there are."""
    for place in sorted(root.rglob(SUMMARY_FILE)):
        name = place.relative_to(root).as_posix()
        beside = place.with_name(MAPPING_FILE)
        try:
            summary = _keys(place)
            mapping = _keys(beside) if beside.exists() else summary
        except (OSError, RefusedPickle, TypeError) as error:
            yield Fault(name, f"or the mapping beside it cannot be read safely ({error}); make the database anew")
            continue
        if not summary:
            yield Fault(name, "lists no scenario: the database is empty; make it anew")
        for key in sorted(map(repr, summary - mapping)):
            yield Fault(name, f"lists {key:.80}, and the mapping beside it does not")
        for key in sorted(map(repr, mapping - summary)):
            yield Fault(name, f"does not list {key:.80}, and the mapping beside it does")


def _keys(path: Path) -> set[Any]:
    listed = skim(path.read_bytes())
    if not isinstance(listed, dict):
        raise TypeError(f"{path.name} is no dict by file name")
    return set(listed)
