"""Other drivers than the record's own, and drives that recover, on real records."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from rich.console import Console

from gold_data import ConvertSettings, Dataset, convert
from gold_data.conversion.index import index_source
from gold_data.conversion.plan import Plan, make_plan
from gold_data.settings import DemonstrationSettings
from gold_data.sources import find_sources

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason="no WOMD records: set GOLD_WOMD")


def planned(ego: Literal["sdc", "moving", "all"]) -> tuple[Plan, int]:
    settings = ConvertSettings(ego=ego)
    plan = make_plan([index_source(source, settings) for source in find_sources([str(WOMD)])], settings)
    return plan, sum(len(record.egos) for unit in plan.units for record in unit.records)


def test_others_give_several_times_the_egos() -> None:
    own, own_egos = planned("sdc")
    moving, moving_egos = planned("moving")
    everyone, all_egos = planned("all")
    assert (own.planned, own_egos, own.unplanned_egos) == (87, 87, 0)
    assert (moving.planned, moving_egos, moving.unplanned_egos) == (119, 617, 152)
    assert (everyone.planned, all_egos, everyone.unplanned_egos) == (119, 770, 0)
    assert Counter(row.rule for row in moving.rejected) == {
        **{"parked": 31, "pose_jump": 19, "too_short": 10, "no_map": 2}
    }
    # Who is left out of `moving` by the limit is asked in `all`, and nearly all who do not move are parked there.
    assert all_egos >= moving_egos + moving.unplanned_egos
    assert Counter(row.rule for row in everyone.rejected)["parked"] > 2000


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    settings = ConvertSettings(ego="moving", demonstrations=DemonstrationSettings(number=2))
    out = tmp_path_factory.mktemp("egos") / "dataset"
    return convert([str(WOMD / "training")], out, settings, workers=2, console=Console(quiet=True))


def test_other_drivers_are_followed_as_closely(driven: Dataset) -> None:
    clean = [episode for episode in driven.episodes() if episode["demonstration"] == 0]
    assert len(clean) == driven.manifest.counts.egos.kept == 11
    assert {episode["scenario_id"] for episode in clean} == {"637f20cafde22ff8", "ee519cf571686d19"}
    assert all(episode["arrived"] and episode["cost"] == 0 for episode in clean)
    assert max(episode["displacement_final"] for episode in clean) < 0.3
    for episode in clean:
        np.testing.assert_array_equal(episode["actions"], episode["expert_actions"])


def test_disturbed_drives_recover(driven: Dataset) -> None:
    counts = driven.manifest.counts.demonstrations
    assert counts.driven == 22
    assert counts.kept >= 18
    disturbed = [episode for episode in driven.episodes() if episode["demonstration"] > 0]
    assert len(disturbed) == counts.kept
    assert all(episode["arrived"] and episode["cost"] == 0 for episode in disturbed)
    # They are off the record by far more than a clean drive, and nearer to it at the end than where they were furthest.
    apart = [np.hypot(*(episode["ego_state"] - episode["log_state"])[:, :2].T) for episode in disturbed]
    assert np.median([off.max() for off in apart]) > 0.3
    assert np.median([off[-1] for off in apart]) < 0.6 * np.median([off.max() for off in apart])
    noisy = [episode for episode in disturbed if episode["noise"] > 0]
    assert all((episode["actions"] != episode["expert_actions"]).any() for episode in noisy)
    rows = [json.loads(row) for row in (driven.root / "rejected.jsonl").read_text().splitlines()]
    assert sum(row["demonstration"] > 0 for row in rows) == counts.rejected
