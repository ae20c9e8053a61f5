"""From bytes to descriptions: TFRecords, the index of a conversion, descriptions."""

from __future__ import annotations

from collections.abc import Iterator

import google_crc32c

from benchmarks.material import Material
from benchmarks.row import Row, rates
from benchmarks.timing import by_turns
from gold_data.conversion.index import index_source
from gold_data.scenarionet import describe
from gold_data.womd import decode, scan
from gold_data.womd.protobuf import ScenarioMessage

CHECKSUM, PARSER = "google-crc32c", "protobuf (upb)"


def measure_reading(material: Material) -> Iterator[Row]:
    """All records of the sources, in this process, files in memory but for the index.

    The references are what libraries alone take for the same bytes; upb leaves the numbers in objects of its own.
    """
    files, records, repeats = material.files, material.records, material.sizes.repeats
    megabytes, count = sum(map(len, records)) / 1e6, len(records)

    def checksums() -> None:
        for file in files:
            google_crc32c.value(file)

    def parse() -> None:
        for data in records:
            ScenarioMessage.FromString(data).ByteSize()

    def checksums_and_parse() -> None:
        checksums()
        parse()

    def read() -> None:
        for file in files:
            for _ in scan(file):
                pass

    def index() -> None:
        for source in material.sources:
            index_source(source, material.settings)

    def describe_all() -> None:
        for data in records:
            describe(decode(data), "record")

    ours, theirs = by_turns(read, checksums, repeats)
    yield Row("TFRecords, framing and both CRCs", "MB/s", rates(megabytes, ours), CHECKSUM, rates(megabytes, theirs))
    ours, theirs = by_turns(index, checksums_and_parse, repeats)
    yield Row(
        "index",
        "MB/s",
        rates(megabytes, ours),
        f"{CHECKSUM} + {PARSER}",
        rates(megabytes, theirs),
        {"records": str(count), "ms a record": f"{1000 * min(ours) / count:.2f}"},
    )
    ours, theirs = by_turns(describe_all, parse, max(repeats // 2, 1))
    yield Row(
        "record to description",
        "records/s",
        rates(count, ours),
        PARSER,
        rates(count, theirs),
        {"ms a record": f"{1000 * min(ours) / count:.2f}"},
    )
