"""The known windows of one drive (womd/INVENTORY.md) are found among all records, and no other."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gold_data.conversion.index import index_source
from gold_data.conversion.plan import make_plan
from gold_data.settings import ConvertSettings, with_changes
from gold_data.sources import find_sources
from gold_data.views.drives import drive_contents

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))
MORE = WOMD.with_name("womd_more")
KINDS = ("training", "rebuilt_real_links", "inferred_links", "training_20s", "truncated_map")
PAIRS = {
    ("6a74ef935eeccf74", "76b074c694a80fc"),
    ("6b23ea1b705fc085", "b806275e41f4ba0a"),
    ("5f794f80b2fc37b", "71690d2184b2b44e"),
}

pytestmark = pytest.mark.skipif(
    not (WOMD.is_dir() and MORE.is_dir()), reason="no WOMD records: set GOLD_WOMD, womd_more beside it"
)


def test_the_groups_that_inspect_reports_are_the_known_pairs() -> None:
    anyone = {"acceptance.min_steps": "2", "acceptance.min_route": "2", "acceptance.max_pose_jump": "1e9"}
    settings = with_changes(ConvertSettings(ego="all"), anyone)
    sources = find_sources([*(str(WOMD / kind) for kind in KINDS), str(MORE)])
    plan = make_plan([index_source(source, settings) for source in sources], settings)
    found = drive_contents(json.loads(plan.model_dump_json()))
    assert found is not None
    assert set(found.of_several) == PAIRS
    assert (found.largest, found.scenarios) == (2, found.drives + 3)
    splits = {record.scenario_id: unit.split for unit in plan.units for record in unit.records}
    assert all(splits[one] == splits[other] for one, other in PAIRS)
