"""Real records: the batched engine beside MetaDrive in all four drives, within limits that three records can show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rich.console import Console

from gold_data.conversion.parity_check import parity_check
from gold_data.conversion.parity_limits import BEFORE
from gold_data.conversion.parity_rows import COMPARED, SHORT, ParitySummary
from gold_data.replay.both_engines import DRIVES

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason=f"no real records at {WOMD}")


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> ParitySummary:
    """Waymo's own two records, and those of 1 s, which are too short to be driven."""
    to = tmp_path_factory.mktemp("parity") / "rows.jsonl"
    paths = [str(WOMD / "training"), str(WOMD / "testing_11_steps")]
    found = parity_check(paths, to=to, workers=0, console=Console(quiet=True))
    assert len(to.read_text().splitlines()) == found.outcomes.total()
    return found


def test_all_are_driven_but_the_short_ones(summary: ParitySummary) -> None:
    assert summary.outcomes == {COMPARED: 2, SHORT: 3}
    assert {kind: totals.steps for kind, totals in summary.drives.items()} == dict.fromkeys(DRIVES, 180)


@pytest.mark.parametrize("limit", BEFORE, ids=lambda limit: limit.name)
def test_limits(summary: ParitySummary, limit: object) -> None:
    (found,) = [one for one in BEFORE if one is limit]
    value = found.figure(summary.all_drives())
    assert value is not None
    assert value <= found.at_most
