"""`python -m benchmarks.run`: what it prints and writes; the slow subjects are left to `--smoke` by hand."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """The table and the JSON of two subjects, at next to no size, on made-up records."""
    work = tmp_path_factory.mktemp("bench")
    arguments = ["--smoke", "--only", "reading", "--only", "storing", "--to", work / "bench.json"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"GOLD_WOMD": str(work / "no records")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads((work / "bench.json").read_text())


def test_the_machine_stands_beside_the_rows(bench: tuple[str, dict[str, Any]]) -> None:
    table, written = bench
    machine = written["machine"]
    assert machine["cores"] >= 1
    assert machine["memory_gb"] > 0
    assert len(machine["load"]) == 3
    assert {"numpy", "numba", "zarr", "metadrive-simulator"} <= set(machine["packages"])
    assert machine["cpu"] in table
    assert written["sources"] == "made-up records"


def test_each_row_is_in_table_and_json(bench: tuple[str, dict[str, Any]]) -> None:
    table, written = bench
    assert [row["subject"] for row in written["rows"]] == 3 * ["reading"] + 2 * ["storing"]
    assert set(written["seconds"]) == {"reading", "storing"}
    for row in written["rows"]:
        assert row["what"].split(",")[0].split()[0] in table
        assert row["reference"].split()[0] in table


def test_ratios_are_those_of_the_samples(bench: tuple[str, dict[str, Any]]) -> None:
    for row in bench[1]["rows"]:
        pairs = row["ratio"]["pairs"]
        assert len(pairs) == len(row["ours"]) == len(row["theirs"])
        assert all(math.isfinite(pair) and pair > 0 for pair in pairs)
        assert pairs == [our / their for our, their in zip(row["ours"], row["theirs"], strict=True)]
        assert row["ratio"]["least"] <= row["ratio"]["median"] <= row["ratio"]["most"]
