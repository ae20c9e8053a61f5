from __future__ import annotations

import random

from conversion_indices import indexed
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.conversion.drives import group_drives

KEYS = st.frozensets(st.integers(0, 12), max_size=3)
RECORDS = st.lists(st.tuples(KEYS, KEYS), max_size=12)


def test_no_records_no_drives() -> None:
    assert group_drives([]) == []
    assert group_drives([indexed("a"), indexed("b")]) == ["a", "b"]


def test_one_place_of_the_ego_is_enough() -> None:
    assert group_drives([indexed("b", states=[1, 2]), indexed("a", states=[2, 3]), indexed("c", states=[4])]) == [
        *("a", "a", "c")
    ]


def test_two_lanes_are_enough_and_one_is_not() -> None:
    records = [indexed("a", lanes=[1, 2, 3]), indexed("b", lanes=[2, 3, 4]), indexed("c", lanes=[4, 5])]
    assert group_drives(records) == ["a", "a", "c"]


def test_a_lane_that_comes_twice_in_a_record_counts_once() -> None:
    assert group_drives([indexed("a", lanes=[1, 1]), indexed("b", lanes=[1, 1])]) == ["a", "b"]


def test_a_place_and_a_lane_of_the_same_number_are_not_the_same() -> None:
    assert group_drives([indexed("a", states=[1], lanes=[2]), indexed("b", states=[2], lanes=[1])]) == ["a", "b"]


def test_through_a_third() -> None:
    chain = [indexed("d", states=[1]), indexed("c", states=[2]), indexed("b", states=[1], lanes=[8, 9])]
    chain.append(indexed("e", states=[2], lanes=[8, 9]))
    assert group_drives(chain) == ["b"] * 4


@given(RECORDS, st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_as_joining_one_by_one(keys: list[tuple[frozenset[int], frozenset[int]]], shuffler: random.Random) -> None:
    records = [indexed(f"{number:02x}", states=states, lanes=lanes) for number, (states, lanes) in enumerate(keys)]
    group = list(range(len(records)))
    for one, (states, lanes) in enumerate(keys):
        for other, (others_states, others_lanes) in enumerate(keys[:one]):
            if states & others_states or len(lanes & others_lanes) >= 2:
                group = [group[one] if label == group[other] else label for label in group]
    names = [min(f"{other:02x}" for other, label in enumerate(group) if label == own) for own in group]
    assert group_drives(records) == names
    order = shuffler.sample(range(len(records)), len(records))
    assert group_drives([records[place] for place in order]) == [names[place] for place in order]
