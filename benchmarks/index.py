"""How fast a core makes the index of a conversion: framing, both CRCs, decoding, rules, drive keys.

    benchmarks/index.py [SOURCE ...] [--repeats N]

SOURCE defaults to WOMD's records in ../shared/womd or $GOLD_WOMD, or to synthetic ones where these are not there. The
reference is what libraries alone take for the same bytes: google-crc32c over each record, and protobuf's C parser
(upb), which leaves the numbers in objects of its own. The least CPU time of N passes over everything counts.
"""

from __future__ import annotations

import argparse
import gc
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import google_crc32c

from gold_data import ConvertSettings
from gold_data.conversion.index import index_source
from gold_data.sources import Source, find_sources, outlines
from gold_data.synth import synthesize
from gold_data.womd import Frame, scan
from gold_data.womd.protobuf import ScenarioMessage
from gold_data.womd.reading import read_tables

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[2] / "shared" / "womd"))


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("sources", nargs="*")
    arguments.add_argument("--repeats", type=int, default=5)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as work:
        sources = given.sources or ([str(WOMD)] if WOMD.is_dir() else [_synthetic(Path(work))])
        measure(find_sources(sources), given.repeats)


def _synthetic(work: Path) -> str:
    synthesize(work / "records", 60, 0)
    return str(work / "records")


def measure(sources: tuple[Source, ...], repeats: int) -> None:
    """Time the index, its parts and the reference by turns, and print megabytes a second."""
    contents = [Path(source.location).read_bytes() for source in sources]
    records = [frame.data(file) for file in contents for frame in scan(file) if isinstance(frame, Frame)]
    megabytes = sum(map(len, records)) / 1e6
    settings = ConvertSettings()
    passes: dict[str, Callable[[], object]] = {
        "index": lambda: [index_source(source, settings) for source in sources],
        "  framing and CRCs": lambda: [list(scan(file)) for file in contents],
        "  decoding": lambda: [read_tables(data).states.shape for data in records],
        "  outlines, all told": lambda: [sum(1 for _ in outlines(source)) for source in sources],
        "google-crc32c": lambda: [google_crc32c.value(data) for data in records],
        "protobuf (upb)": lambda: [ScenarioMessage.FromString(data).ByteSize() for data in records],
    }
    seconds = {name: float("inf") for name in passes}
    for _ in range(repeats + 1):  # one more, in which what is compiled on first use is compiled
        for name, run in passes.items():
            gc.collect()
            gc.freeze()  # as the workers of a conversion do
            begin = time.process_time()
            run()
            seconds[name] = min(seconds[name], time.process_time() - begin)
    print(f"{len(records)} records, {megabytes:.0f} MB")
    for name, least in seconds.items():
        print(f"{name:22} {megabytes / least:9.0f} MB/s a core {1000 * least / len(records):8.2f} ms a record")
    floor = seconds["google-crc32c"] + seconds["protobuf (upb)"]
    print(f"reference / index {floor / seconds['index']:.2f}  (goal: 300 MB/s a core)")


if __name__ == "__main__":
    main()
