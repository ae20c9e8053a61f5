from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from small_dataset import BATCHED
from straight_road import straight_record, write_source

from gold_data import Dataset
from gold_data.conversion.plan import Plan
from gold_data.conversion.plan_check import read_plan
from gold_data.conversion.source_check import check_sources
from gold_data.shards.difference import Difference
from gold_data.sources import find_sources


@pytest.fixture(scope="module")
def plan(small: Dataset) -> Plan:
    read = read_plan(small.root)
    assert read is not None
    return read


@pytest.fixture
def folder(small: Dataset, tmp_path: Path) -> Path:
    for name in ("training", "more"):
        shutil.copytree(small.root.parent / name, tmp_path / "moved" / name)
    return tmp_path / "moved"


def differences(plan: Plan, folder: Path) -> list[Difference]:
    return list(check_sources(plan, find_sources([str(folder)]), BATCHED, lambda name: None))


def test_the_same_records_elsewhere(plan: Plan, folder: Path) -> None:
    assert differences(plan, folder) == []


def test_a_record_that_is_damaged_now(plan: Plan, folder: Path) -> None:
    write_source(
        folder / "training" / "part.tfrecord-00000-of-00002",
        [straight_record("0a", place="one"), straight_record("0b", place="one", first=12), straight_record("0c")],
        damaged=[2],
    )
    (found,) = differences(plan, folder)
    assert found.place.startswith("training/part.tfrecord-00000-of-00002 at byte ")
    assert (found.stored, found.due) == ("no whole record", "scenario 0c")


def test_records_of_another_content_or_scenario(plan: Plan, folder: Path) -> None:
    write_source(
        folder / "training" / "part.tfrecord-00000-of-00002",
        [
            straight_record("0a", place="one"),
            straight_record("0z", place="one", first=12),
            straight_record("0c", speed=11.0),
        ],
    )
    found = {(one.stored, one.due) for one in differences(plan, folder)}
    assert ("scenario 0z", "scenario 0b") in found
    assert any(len(stored) == len(due) == 8 for stored, due in found)


def test_a_file_that_is_not_there(plan: Plan, folder: Path) -> None:
    (folder / "more" / "part.tfrecord-00000-of-00001").unlink()
    (found,) = differences(plan, folder)
    assert (found.place, found.stored) == ("source more/part.tfrecord-00000-of-00001", "not found")


def moved(plan: Plan, scenario: str, **changes: Any) -> Plan:
    """The plan with a record of one scenario in another split, or changed."""
    content = plan.model_dump()
    for unit in content["units"]:
        for record in unit["records"]:
            if record["scenario_id"] == scenario:
                record.update(changes)
                lonely = {**unit, "name": "x", "split": "test" if unit["split"] != "test" else "train"}
                lonely["records"] = [record]
                unit["records"] = [one for one in unit["records"] if one is not record]
                content["units"] = [*content["units"], lonely]
                return Plan.model_validate(content)
    raise KeyError(scenario)


def test_a_drive_that_the_split_cuts(plan: Plan, folder: Path) -> None:
    found = differences(moved(plan, "0b", drive="0b"), folder)
    assert ["0b" in one.place and "cut from one drive with 0a" in one.place for one in found] == [True, False]
    assert (found[1].place, found[1].due) == ("plan.json: drive of 0b", "0a")
