"""CPU from a record's bytes to its checked description with summaries: ScenarioNet's own converter against ours.

    python -m benchmarks.scenarionet [CHECKOUT] [--repeats N]

CHECKOUT, or $SCENARIONET, is a clone of ScenarioNet (it is not on PyPI and has no releases that install):

    git clone https://github.com/metadriverse/scenarionet && git -C scenarionet checkout cebcbe67

Both take the same real records of ../shared/womd or $GOLD_WOMD, by turns; of each record the least of N runs counts.
Neither pickles. ScenarioNet runs in a process of its own: what it imports and leaves behind is not ours to pay for.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.material import WOMD
from benchmarks.processes import Served
from gold_data.conversion.collector import settle_collector
from gold_data.scenarionet import describe
from gold_data.womd import Frame, decode, scan


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("checkout", nargs="?", default=os.environ.get("SCENARIONET"))
    arguments.add_argument("--repeats", type=int, default=3)
    given = arguments.parse_args()
    if not given.checkout or not Path(given.checkout, "scenarionet", "converter").is_dir():
        sys.exit(
            "left out: no ScenarioNet to compare with; git clone https://github.com/metadriverse/scenarionet, "
            "git -C scenarionet checkout cebcbe67, and give its folder as argument or as $SCENARIONET"
        )
    if not WOMD.is_dir():
        sys.exit(f"left out: no WOMD records at {WOMD}; set $GOLD_WOMD")
    records = [(path.parent.name, data) for path in sorted(WOMD.glob("*/*tfrecord*")) for data in _records(path)]
    table(records, *measure(records, str(Path(given.checkout).resolve()), given.repeats))


def _records(path: Path) -> list[bytes]:
    contents = path.read_bytes()
    return [frame.data(contents) for frame in scan(contents) if isinstance(frame, Frame)]


def measure(records: list[tuple[str, bytes]], checkout: str, repeats: int) -> tuple[list[float], list[float]]:
    """Least CPU seconds of each record: ScenarioNet's, ours."""
    theirs, ours = [], []
    with Served("benchmarks.scenarionet_converter") as scenarionet:
        for _, data in records[:2]:  # what is only paid once, such as imports, is paid here
            scenarionet.ask((checkout, data))
            _describe(data)
        for _, data in records:
            pairs = [(scenarionet.ask((checkout, data)), _describe(data)) for _ in range(repeats)]
            theirs.append(min(their for their, _ in pairs))
            ours.append(min(our for _, our in pairs))
    return theirs, ours


def _describe(data: bytes) -> float:
    settle_collector()  # as the workers of a conversion do; ScenarioNet's process freezes what it has, too
    begin = time.process_time()
    description = describe(decode(data), "record")
    seconds = time.process_time() - begin
    del description  # afterwards, as ScenarioNet's is
    return seconds


def table(records: list[tuple[str, bytes]], theirs: list[float], ours: list[float]) -> None:
    """Print milliseconds a record, by the folder that it is from, and the ratios."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, (kind, _) in enumerate(records):
        rows[kind].append(row)
    rows["all"] = list(range(len(records)))
    their, our = 1000 * np.array(theirs), 1000 * np.array(ours)
    ratio = their / our
    print(f"{'CPU ms a record':24} {'records':>8} {'ScenarioNet':>12} {'GOLD Data':>10} {'ratio':>8} {'least':>8}")
    for kind, some in rows.items():
        mean, least = np.exp(np.mean(np.log(ratio[some]))), np.min(ratio[some])
        print(f"{kind:24} {len(some):8} {their[some].mean():12.1f} {our[some].mean():10.2f} {mean:8.1f} {least:8.1f}")
    print("ratio: geometric mean over the records (goal: at least 8); least: that of the worst record")


if __name__ == "__main__":
    main()
