from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gold_data import Dataset, open_dataset
from gold_data.conversion.plan import Plan
from gold_data.conversion.plan_check import check_plan, read_plan
from gold_data.errors import DatasetError


@pytest.fixture(scope="module")
def plan(small: Dataset) -> Plan:
    read = read_plan(small.root)
    assert read is not None
    return read


def test_a_fresh_dataset_is_as_planned(small: Dataset, plan: Plan) -> None:
    assert list(check_plan(small, plan)) == []
    assert len(plan.rejected) == 4
    assert (len(plan.damaged), len(plan.duplicates)) == (1, 1)


def changed(plan: Plan, change: Callable[[dict[str, Any]], object]) -> Plan:
    content = plan.model_dump()
    change(content)
    return Plan.model_validate(content)


def first(content: dict[str, Any]) -> dict[str, Any]:
    """The first record of the first unit, which is kept."""
    record: dict[str, Any] = content["units"][0]["records"][0]
    return record


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda plan: plan.update(settings_digest="0"), "plan.json: settings_digest"),
        (lambda plan: first(plan).update(crc=1), ": crc"),
        (lambda plan: first(plan).update(offset=1), ": offset"),
        (lambda plan: first(plan).update(source="elsewhere"), ": source"),
        (lambda plan: first(plan).update(drive="another"), ": drive"),
        (lambda plan: plan.update(scenarios=99), "manifest.json: counts.records.scenarios"),
        (lambda plan: plan.update(damaged=()), "manifest.json: counts.records.damaged"),
        (lambda plan: plan.update(duplicates=()), "manifest.json: counts.records.duplicate"),
        (lambda plan: plan.update(unplanned_egos=1), "manifest.json: counts.egos.unplanned"),
        (lambda plan: plan.update(unplanned_scenarios=1), "manifest.json: counts.scenarios.unplanned"),
        (lambda plan: plan["units"][-1].update(split="train"), "manifest.json: split"),
    ],
)
def test_what_is_not_as_planned_is_named(
    small: Dataset, plan: Plan, change: Callable[[dict[str, Any]], object], place: str
) -> None:
    assert any(place in one.place for one in check_plan(small, changed(plan, change)))


def test_an_ego_that_is_kept_and_rejected_or_neither(small: Dataset, plan: Plan) -> None:
    kept = next(iter(small.episodes()))
    twice = plan.rejected[0].model_copy(
        update={"scenario": kept["scenario_id"], "ego": kept["ego_id"], "demonstration": 0}
    )
    found = {one.place: one.stored for one in check_plan(small, plan.model_copy(update={"rejected": (twice,)}))}
    assert found[f"rejected.jsonl: {kept.id}"] == "1 rejections and 1 episodes"
    neither = {one.place: one.stored for one in check_plan(small, plan.model_copy(update={"rejected": ()}))}
    assert neither["rejected.jsonl: 11/7"] == "0 rejections and 0 episodes"


def test_a_drive_in_two_splits_of_the_plan(small: Dataset, plan: Plan) -> None:
    other = plan.units[-1].records[0].drive
    found = list(check_plan(small, changed(plan, lambda content: first(content).update(drive=other))))
    assert any(one.place.startswith("plan.json: ") and f"of drive {other}" in one.place for one in found)


def test_a_shard_and_an_episode_that_were_not_planned(small: Dataset, plan: Plan) -> None:
    found = [one.place for one in check_plan(small, plan.model_copy(update={"units": plan.units[1:]}))]
    assert f"shards/{plan.units[0].name}.zarr" in found
    renamed = changed(plan, lambda content: first(content).update(scenario_id="other"))
    assert any(one.due == "one of the unit's in plan.json" for one in check_plan(small, renamed))
    nobody = changed(plan, lambda content: first(content)["egos"][0].update(ego_id="other"))
    assert any(one.stored == "ego 7" for one in check_plan(small, nobody))


def test_a_dataset_without_a_plan_and_one_with_a_wrong_one(small: Dataset, tmp_path: Path) -> None:
    root = shutil.copytree(small.root, tmp_path / "out")
    (root / "damaged.jsonl").write_text('{"source": 1}\n')
    with pytest.raises(DatasetError, match=r"damaged\.jsonl: "):
        read_plan(root)
    (root / "plan.json").unlink()
    assert read_plan(open_dataset(root).root) is None
