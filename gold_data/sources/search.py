"""Which file holds a scenario, and where in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from mmap import mmap
from pathlib import Path, PurePosixPath

import google_crc32c

from gold_data.errors import OutputError, RecordError, SourceError
from gold_data.sources.read import outlines
from gold_data.sources.source import Source
from gold_data.womd import Damage, Frame, MalformedRecord, read_record, scan, write_records
from gold_data.womd.identity import scenario_id_of
from gold_data.womd.tfrecord import FOOTER_SIZE, HEADER_SIZE

NEAR = 3
"""Ids of a file that are kept because they look like the one that is sought."""

LIKE = 0.8
"""How much an id must look like another, of 1 (difflib's ratio)."""


@dataclass(frozen=True)
class FoundScenario:
    """One place of a scenario: the `record`-th of its file, from 0, at byte `offset`, with `length` bytes of data.

    A damaged record is still found where its id can be read; it then has a `damage` and no `crc`, the CRC-32C of its
    data. A ScenarioNet pickle is one record at byte 0.
    """

    source: Source
    record: int
    offset: int
    length: int
    crc: int | None
    damage: str | None = None


@dataclass(frozen=True)
class Searched:
    """What the search of one file came to; `near` are ids that look like the one sought, where it was not found."""

    found: tuple[FoundScenario, ...]
    damaged: tuple[Damage, ...]
    near: tuple[str, ...]


def search(source: Source, scenario_id: str) -> Searched:
    """Look for a scenario in all of a file, for it may be there several times.

    Of a TFRecord's messages only the outermost fields are read, and both CRCs; of a ScenarioNet pickle nothing, where
    the id is neither among its bytes nor in its name. Raises SourceError where the file cannot be read.
    """
    found, damaged = [], []
    near: list[str] = []
    if source.kind == "scenarionet" and not _may_hold(source, scenario_id):
        name = PurePosixPath(source.name).stem.rpartition("_")[2]
        return Searched((), (), tuple(get_close_matches(scenario_id, [name], NEAR, LIKE)))
    for number, (held, here) in enumerate(_identities(source)):
        if isinstance(held, Damage):
            damaged.append(held)
        if here == scenario_id:
            crc = held.crc if isinstance(held, Frame) else None
            length = held.length if isinstance(held, Frame) else max(held.length - HEADER_SIZE - FOOTER_SIZE, 0)
            reason = held.reason if isinstance(held, Damage) else None
            found.append(FoundScenario(source, number, held.offset, length, crc, reason))
        elif here is not None:
            near = get_close_matches(scenario_id, {here, *near}, NEAR, LIKE)
    return Searched(tuple(found), tuple(damaged), () if found else tuple(near))


def cut_out(found: Sequence[FoundScenario], to: Path) -> FoundScenario:
    """Write the first whole record of what was found as a TFRecord of its own, and say which it was.

    Raises OutputError where `to` is there already or cannot be written, SourceError where no place is a whole record of
    a TFRecord, RecordError where it was changed since it was found.
    """
    if to.exists():
        raise OutputError(f"{to}: is there already and is never overwritten; choose another place")
    whole = next((one for one in found if one.source.kind == "womd" and one.crc is not None), None)
    if whole is None:
        raise SourceError(
            f"{found[0].source.location}: what was found is no whole record of a TFRecord, and nothing was written to "
            f"{to}; a ScenarioNet pickle is a file of its own, copy it"
        )
    with whole.source.open() as file:
        data = read_record(file, whole.offset, whole.source.name)
    if google_crc32c.value(data) != whole.crc:
        raise RecordError(whole.source.name, whole.offset, "the file was changed since; search it again")
    write_records(to, [data])
    return whole


def _may_hold(source: Source, scenario_id: str) -> bool:
    """Whether a pickle can be of a scenario: it spells its texts out, and opening each takes tens of milliseconds."""
    with source.contents() as file:
        return scenario_id in source.name or file.find(scenario_id.encode()) >= 0


def _identities(source: Source) -> Iterator[tuple[Frame | Damage, str | None]]:
    """Each stretch of a file, and the id of the scenario in it if that can be told."""
    if source.kind == "scenarionet":
        for one in outlines(source):
            if isinstance(one, Damage):
                yield one, None
            else:
                yield Frame(one.offset, one.length, one.crc), one.outline.scenario_id
        return
    with source.contents() as file:
        for held in scan(file):
            yield _identified(held, file)


def _identified(held: Frame | Damage, file: bytes | mmap) -> tuple[Frame | Damage, str | None]:
    if isinstance(held, Frame):
        try:
            return held, scenario_id_of(held.data(file))
        except MalformedRecord as error:
            return Damage(held.offset, held.end - held.offset, str(error)), None
    try:
        return held, scenario_id_of(file[held.offset + HEADER_SIZE : held.offset + held.length - FOOTER_SIZE])
    except MalformedRecord:
        return held, None
