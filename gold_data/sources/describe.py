"""One scenario of a file, described."""

from __future__ import annotations

import google_crc32c

from gold_data.errors import RecordError
from gold_data.scenarionet import Description, describe
from gold_data.sources.source import Source
from gold_data.womd import decode, read_record


def read_description(source: Source, offset: int, crc: int) -> Description:
    """Describe the one record at byte `offset` of a file.

    Raises RecordError where it is damaged or its CRC-32C is not `crc`, MalformedRecord or DescriptionError where
    nothing can be made of it, SourceError where the file cannot be read.
    """
    with source.open() as file:
        data = read_record(file, offset, source.name)
    if google_crc32c.value(data) != crc:
        raise RecordError(source.name, offset, "the file was changed since it was indexed; convert it anew")
    return describe(decode(data), source.name)
