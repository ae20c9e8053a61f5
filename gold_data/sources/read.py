"""The records of a file of whatever kind."""

from __future__ import annotations

from collections.abc import Iterator

from gold_data.scenarionet import Description
from gold_data.sources.outline import Outlined
from gold_data.sources.records import describe_record, outline_records
from gold_data.sources.source import Source
from gold_data.sources.stored import describe_stored, outline_stored
from gold_data.womd import Damage


def outlines(source: Source) -> Iterator[Outlined | Damage]:
    """Outline every record of a file, in order; what is damaged comes as womd.Damage.

    A pickle is one record: offset 0, and the length and CRC-32C of the whole file. Of a pickle everything is checked
    here, so that one of which no description can be made is damaged. Raises SourceError where the file cannot be read.
    """
    if source.kind == "scenarionet":
        yield outline_stored(source)
    else:
        yield from outline_records(source)


def read_description(source: Source, offset: int, crc: int) -> Description:
    """Describe the one record at byte `offset` of a file.

    Raises RecordError where it is damaged or its CRC-32C is not `crc`, MalformedRecord or DescriptionError where
    nothing can be made of it, SourceError where the file cannot be read.
    """
    if source.kind == "scenarionet":
        return describe_stored(source, crc)
    return describe_record(source, offset, crc)
