"""Real records: MetaDrive's log replay shows every object at every valid step; and a scenario is found where it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from gold_data.conversion.replay_check import replay_check
from gold_data.conversion.replay_rows import FAITHFUL
from gold_data.replay.fidelity import MAX_HEADING_ERROR, MAX_POSITION_ERROR
from gold_data.replay.log_replay import rounding
from gold_data.sources import find_sources, outlines, read_description
from gold_data.sources.search import search
from gold_data.womd import Damage, decode, scan
from gold_data.womd.identity import scenario_id_of

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason=f"no real records at {WOMD}")


def test_the_replay_is_the_record(tmp_path: Path) -> None:
    """Waymo's own records of 9 s, one of 20 s, and all of 1 s: three kinds of length."""
    paths = [WOMD / "training", WOMD / "testing_11_steps", *sorted((WOMD / "training_20s").iterdir())[:1]]
    to = tmp_path / "rows.jsonl"
    summary = replay_check([str(path) for path in paths], to=to, workers=0, console=Console(quiet=True))
    rows = [json.loads(line) for line in to.read_text().splitlines()]
    assert set(summary.outcomes) == {FAITHFUL}
    assert summary.outcomes.total() == len(rows) >= 4
    assert all(row["breaches"] == [] and row["exceptions"] == [] for row in rows)
    assert 0 <= summary.worst_position[0] < MAX_POSITION_ERROR / 50
    assert 0 < summary.worst_heading[0] < MAX_HEADING_ERROR / 50
    valid = {
        one.outline.scenario_id: one.outline.states["valid"]
        for source in find_sources([str(path) for path in paths])
        for one in outlines(source)
        if not isinstance(one, Damage)
    }
    assert {row["scenario"]: (row["objects"], row["steps"]) for row in rows} == {
        name: (int(there.any(axis=1).sum()), int(there.sum())) for name, there in valid.items()
    }


def test_how_far_a_description_is_off_the_record() -> None:
    """What is compared are ScenarioNet's float32 numbers; some real records lie where these resolve 4 mm."""
    worst = 0.0
    for source in find_sources([str(WOMD)]):
        for one in outlines(source):
            assert not isinstance(one, Damage)
            states = one.outline.states[one.outline.states["valid"]]
            centre = np.column_stack([states["center_x"], states["center_y"]])
            off = float(np.abs(centre.astype(np.float32) - centre).max(initial=0.0))
            assert off <= rounding(read_description(source, one.offset, one.crc))
            worst = max(worst, off)
    assert MAX_POSITION_ERROR < worst < 2.5 * MAX_POSITION_ERROR


def test_every_scenario_is_found_where_it_is() -> None:
    for source in find_sources([str(WOMD)]):
        with source.contents() as file:
            frames = list(scan(file))
            assert all(not isinstance(frame, Damage) for frame in frames)
            records = [frame.data(file) for frame in frames if not isinstance(frame, Damage)]
        ids = [scenario_id_of(record) for record in records]
        if source.name.endswith("-00000-of-00002") or len(records) == 1:
            assert ids == [decode(record).scenario_id for record in records]
        (place,) = search(source, ids[-1]).found
        assert (place.record, place.offset, place.damage) == (len(ids) - 1, frames[-1].offset, None)
