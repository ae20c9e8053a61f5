"""What a ScenarioNet database says of its files: which there are, where, and what is in them.

    FOLDER/dataset_summary.pkl   {file name: metadata}
    FOLDER/dataset_mapping.pkl   {file name: folder, relative to FOLDER}; without it all files are in FOLDER

A database may lie in another, as a unit of ours does; each one's word on the files below it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

from gold_data.errors import SourceError
from gold_data.scenarionet.database import MAPPING_FILE, SUMMARY_FILE
from gold_data.scenarionet.pickles import RefusedPickle, skim
from gold_data.sources.source import Claim, Source


@dataclass(frozen=True)
class Word:
    """What the databases around a file say of it, and why it is set aside, if it is."""

    claims: tuple[Claim, ...]
    fault: str


def databases(files: Mapping[str, Source]) -> dict[str, dict[str, Claim]]:
    """The databases among files (by name): for each one's folder, its claim for each file (by name) that it lists.

    Raises SourceError where a summary or a mapping cannot be read safely, is none, or leads outside of its folder.
    """
    found = {}
    for name, source in files.items():
        path = PurePosixPath(name)
        if path.name == SUMMARY_FILE:
            found[str(path.parent)] = _listed(path.parent, source, files.get(str(path.with_name(MAPPING_FILE))))
    return found


def word_on(name: str, known: Mapping[str, Mapping[str, Claim]], there: bool) -> Word | None:
    """What databases say of a pickle by this name, which is `there` or not; None where it lies in none of them."""
    around = [str(folder) for folder in PurePosixPath(name).parents if str(folder) in known]
    claims = tuple(known[folder][name] for folder in around if name in known[folder])
    silent = [folder for folder in around if name not in known[folder]]
    if not around:
        return None
    if not there:
        return Word(
            claims, f"{claims[0].summary} lists it, and it is not there; copy it too, or make the database anew"
        )
    if silent:
        return Word(
            claims,
            f"{PurePosixPath(silent[0], SUMMARY_FILE)} does not list it; leave it out, or make the database anew",
        )
    return Word(claims, "")


def _listed(folder: PurePosixPath, summary: Source, mapping: Source | None) -> dict[str, Claim]:
    rows = _read(summary)
    places = dict.fromkeys(rows, "") if mapping is None else _read(mapping)
    listed = {}
    for file, row in rows.items():
        place = places.get(file, "")
        path = normpath(f"{place or '.'}/{file}") if isinstance(file, str) and isinstance(place, str) else ".."
        if path.startswith(("/", "../")) or path in ("..", ".") or (isinstance(file, str) and "/" in file):
            raise SourceError(
                f"{(mapping or summary).location} leads outside of its database ({place!r:.80} for {file!r:.80}); give "
                "the folders themselves that the pickles are in"
            )
        listed[str(folder / path)] = _claim(summary.name, row)
    return listed


def _claim(summary: str, row: Any) -> Claim:
    said = row if isinstance(row, dict) else {}
    scenario_id, length = said.get("scenario_id", said.get("id")), said.get("track_length")
    return Claim(
        summary,
        scenario_id if isinstance(scenario_id, str) else None,
        length if isinstance(length, int) else None,
    )


def _read(source: Source) -> dict[Any, Any]:
    try:
        with source.open() as file:
            rows = skim(file.read())
    except RefusedPickle as error:
        raise SourceError(f"{source.location} cannot be read safely: {error}; make the database anew") from error
    if not isinstance(rows, dict):
        raise SourceError(f"{source.location} is no dict by file name; make the database anew")
    return rows
