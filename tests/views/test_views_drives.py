from __future__ import annotations

import pytest

from gold_data.errors import DatasetError
from gold_data.views.drives import drive_contents


def plan(*drives: str) -> dict[str, object]:
    records = [{"scenario_id": f"s{number}", "drive": drive} for number, drive in enumerate(drives)]
    return {"units": [{"records": records[:2]}, {"records": records[2:]}]}


def test_drives_of_several_scenarios_are_listed() -> None:
    found = drive_contents(plan("a", "b", "a", "c", "b", "a"))
    assert found is not None
    assert (found.drives, found.scenarios, found.largest) == (3, 6, 3)
    assert found.of_several == (("s0", "s2", "s5"), ("s1", "s4"))


@pytest.mark.parametrize(("drives", "largest"), [((), 0), (("a", "b"), 1)])
def test_drives_of_one(drives: tuple[str, ...], largest: int) -> None:
    found = drive_contents(plan(*drives))
    assert found is not None
    assert (found.drives, found.largest, found.of_several) == (len(drives), largest, ())


def test_without_a_plan_nothing_is_said() -> None:
    assert drive_contents({}) is None


def test_what_is_no_plan() -> None:
    with pytest.raises(DatasetError, match=r"plan\.json"):
        drive_contents({"units": [{"records": [{"drive": "a"}]}]})
