from __future__ import annotations

import random
from collections import Counter

import pytest
from conversion_indices import PARKED, indexed, parked, source_index
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.chance import hashed
from gold_data.conversion.index import SourceIndex
from gold_data.conversion.plan import make_plan
from gold_data.conversion.rows import Damaged, Duplicate
from gold_data.errors import SettingsError
from gold_data.settings import SPLITS, ConvertSettings, SplitSettings, digest
from gold_data.trajectories.egos import Candidate

SETTINGS = ConvertSettings(unit=3)


def many(count: int, name: str = "training/part-0") -> SourceIndex:
    return source_index(
        name, [indexed(f"{number:04x}", name, 100 * number, states=[number]) for number in range(count)]
    )


def test_units_are_cut_from_the_order_of_the_ids_hash() -> None:
    plan = make_plan([many(40)], SETTINGS)
    sizes = {split: [len(unit.records) for unit in plan.units if unit.split == split] for split in SPLITS}
    assert sizes == {"train": [3] * 10 + [2], "validation": [3, 1], "test": [3, 1]}
    names = [unit.name for unit in plan.units]
    assert names[:2] == ["train-00000", "train-00001"]
    assert names[11:] == ["validation-00000", "validation-00001", "test-00000", "test-00001"]
    for split in SPLITS:
        ids = [record.scenario_id for unit in plan.units if unit.split == split for record in unit.records]
        assert ids == sorted(ids, key=lambda scenario: hashed(scenario, SETTINGS.split.key))
    assert plan.planned == plan.scenarios == 40
    assert plan.settings_digest == digest(SETTINGS)


def test_scenarios_by_name() -> None:
    split = SplitSettings(named_train=("0003", "0001"), named_test=("0007",))
    plan = make_plan([many(10)], ConvertSettings(split=split))
    found = {unit.split: {record.scenario_id for record in unit.records} for unit in plan.units}
    assert found == {"train": {"0003", "0001"}, "test": {"0007"}}
    assert (plan.planned, plan.unplanned_scenarios, plan.unplanned_egos) == (3, 7, 7)


def test_a_planned_record_says_where_it_is() -> None:
    record = indexed(
        "ab", "validation/part-3", 77, candidates=[Candidate("9", 5, 80, None), Candidate("8", 0, 9, PARKED)]
    )
    (unit,) = make_plan([source_index("validation/part-3", [record])], SETTINGS).units
    (planned,) = unit.records
    assert (planned.scenario_id, planned.source, planned.offset, planned.crc) == ("ab", "validation/part-3", 77, 78)
    assert planned.drive == "ab"
    assert [(ego.ego_id, ego.first, ego.last) for ego in planned.egos] == [("9", 5, 80)]


def test_the_first_of_the_same_id_is_used() -> None:
    first, second = many(2), source_index("validation/part-0", [indexed("0001", "validation/part-0", 50)])
    again = source_index("training/part-1", [indexed("0001", "training/part-1"), indexed("0002", "training/part-1", 9)])
    plan = make_plan([first, again, second], SETTINGS)
    assert plan.scenarios == 3
    assert plan.duplicates == (
        Duplicate(scenario="0001", source="training/part-1", offset=0, first="training/part-0 at byte 100"),
        Duplicate(scenario="0001", source="validation/part-0", offset=50, first="training/part-0 at byte 100"),
    )
    turned = make_plan([second, again, first], SETTINGS)
    used = {record.scenario_id: record.source for unit in turned.units for record in unit.records}
    assert used["0001"] == "validation/part-0"


def test_what_the_index_decided_is_listed() -> None:
    nobody = indexed("dd", offset=30, candidates=())
    both = indexed("ee", offset=40, candidates=[Candidate("1", 0, 91, PARKED), Candidate("2", 0, 91, None)])
    plan = make_plan(
        [source_index("training/part-0", [indexed("aa"), parked("bb", offset=20), nobody, both], 2)], SETTINGS
    )
    assert [(row.scenario, row.ego, row.rule, row.value, row.threshold, row.offset) for row in plan.rejected] == [
        ("bb", "7", "parked", 1.5, 10.0, 20),
        ("dd", "", "too_short", 0.0, None, 30),
        ("ee", "1", "parked", 1.5, 10.0, 40),
    ]
    assert plan.damaged == (
        Damaged(source="training/part-0", offset=10**6, length=10, reason="torn"),
        Damaged(source="training/part-0", offset=10**6 + 1, length=10, reason="torn"),
    )
    assert (plan.scenarios, plan.planned, plan.unplanned_scenarios, plan.unplanned_egos) == (4, 2, 0, 0)


def test_a_parked_record_holds_no_place_in_a_split_and_still_joins_a_drive() -> None:
    records = [
        indexed("aa", states=[1]),
        indexed("bb", states=[1, 2], candidates=[Candidate("7", 0, 91, PARKED)]),
        indexed("cc", states=[2]),
    ]
    plan = make_plan([source_index("training/part-0", records)], ConvertSettings(split=SplitSettings(train=2)))
    (unit,) = plan.units
    assert {record.scenario_id: record.drive for record in unit.records} == {"aa": "aa", "cc": "aa"}


def test_more_than_can_be_driven_is_refused() -> None:
    indices = [source_index("training/part-0", [indexed("aa"), parked("bb")])]
    with pytest.raises(SettingsError, match=r"--train 2 asks for 2 scenarios, and the sources hold 1 that can"):
        make_plan(indices, ConvertSettings(split=SplitSettings(train=2)))


RECORD = st.tuples(st.integers(0, 25), st.integers(0, 15), st.booleans())


@given(st.lists(st.lists(RECORD, max_size=10), min_size=1, max_size=4), st.none() | st.integers(0, 5), st.data())
@settings(max_examples=100)
def test_counts_add_up_and_no_drive_is_split(
    files: list[list[tuple[int, int, bool]]], train: int | None, data: st.DataObject
) -> None:
    indices = []
    for number, records in enumerate(files):
        name = f"training/part-{number}"
        made = [
            parked(f"{scenario:02x}", name, 10 * place)
            if is_parked
            else indexed(f"{scenario:02x}", name, 10 * place, states=[state])
            for place, (scenario, state, is_parked) in enumerate(records)
        ]
        indices.append(source_index(name, made, damaged=number))
    wanted = ConvertSettings(unit=2, split=SplitSettings(train=train, test=None if train is None else 1))
    try:
        plan = make_plan(indices, wanted)
    except SettingsError:
        return
    assert plan == make_plan(indices, wanted)
    assert plan.scenarios + len(plan.duplicates) == sum(len(records) for records in files)
    assert plan.planned + plan.unplanned_scenarios + len(plan.rejected) == plan.scenarios
    assert len(plan.damaged) == sum(range(len(files)))
    where: dict[str, set[str]] = {}
    for unit in plan.units:
        for record in unit.records:
            where.setdefault(record.drive, set()).add(unit.split)
    assert all(len(splits) == 1 for splits in where.values())
    ids = Counter(record.scenario_id for unit in plan.units for record in unit.records)
    assert not ids or ids.most_common(1)[0][1] == 1
    assert all(1 <= len(unit.records) <= 2 for unit in plan.units)
    if len(plan.duplicates) == 0:  # then which file a record is in decides nothing
        shuffler: random.Random = data.draw(st.randoms(use_true_random=False))
        other = make_plan(shuffler.sample(indices, len(indices)), wanted)
        assert other.units == plan.units
