"""The split that the repository names fits the records: every one of them once, and no drive cut."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from gold_data.conversion.index import index_source
from gold_data.conversion.plan import make_plan
from gold_data.conversion.split import read_split
from gold_data.settings import ConvertSettings
from gold_data.sources import find_sources

ROOT = Path(__file__).parents[2]
WOMD = Path(os.environ.get("GOLD_WOMD", ROOT.parent / "shared" / "womd"))
MORE = WOMD.with_name("womd_more")
KINDS = ("training", "rebuilt_real_links", "inferred_links", "training_20s")

pytestmark = pytest.mark.skipif(
    not (WOMD.is_dir() and MORE.is_dir()), reason="no WOMD records: set GOLD_WOMD, womd_more beside it"
)


def test_the_named_split() -> None:
    settings = ConvertSettings(ego="moving")
    named = read_split(ROOT / "pipelines" / "splits" / "handed_records.json")
    settings = settings.model_copy(update={"split": settings.split.model_copy(update=named)})
    sources = find_sources([*(str(WOMD / kind) for kind in KINDS), str(MORE)])
    plan = make_plan([index_source(source, settings) for source in sources], settings)
    counts: Counter[str] = Counter()
    for unit in plan.units:
        counts[unit.split] += len(unit.records)
    assert counts == {"train": 146, "validation": 37, "test": 61}
    assert plan.unplanned_scenarios == 0
