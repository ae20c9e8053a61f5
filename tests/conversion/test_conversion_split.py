from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.conversion.split import named_splits, read_split, split_drives
from gold_data.errors import SettingsError
from gold_data.settings import SPLITS, SplitSettings

DRIVES = st.lists(st.sampled_from("abcdefghij"), min_size=0, max_size=30)
COUNTS = st.tuples(*[st.none() | st.integers(0, 12)] * 3)


def sizes(drives: list[str], chosen: dict[str, str]) -> dict[str, int]:
    found = Counter(chosen[drive] for drive in drives if drive in chosen)
    return {split: found[split] for split in SPLITS}


def singles(count: int) -> list[str]:
    return [f"{number:04x}" for number in range(count)]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, (0, 0, 0)),
        (1, (1, 0, 0)),
        (2, (2, 0, 0)),
        (3, (1, 1, 1)),
        (10, (8, 1, 1)),
        (24, (20, 2, 2)),
        (87, (69, 9, 9)),
        (1000, (800, 100, 100)),
    ],
)
def test_80_10_10_unless_asked_otherwise(count: int, expected: tuple[int, int, int]) -> None:
    drives = singles(count)
    assert tuple(sizes(drives, split_drives(drives, SplitSettings())).values()) == expected


def test_counts_are_kept_to_and_the_rest_is_left_out() -> None:
    drives = singles(20)
    chosen = split_drives(drives, SplitSettings(train=7, validation=0, test=5))
    assert sizes(drives, chosen) == {"train": 7, "validation": 0, "test": 5}
    assert len(chosen) == 12
    assert sizes(drives, split_drives(drives, SplitSettings(test=20))) == {"train": 0, "validation": 0, "test": 20}
    assert split_drives(drives, SplitSettings(train=0)) == {}


def test_more_than_there_is() -> None:
    with pytest.raises(SettingsError) as caught:
        split_drives(singles(11), SplitSettings(train=10, validation=0, test=2))
    assert str(caught.value) == (
        "--train 10, --test 2 asks for 12 scenarios, and the sources hold 11 that can be driven; "
        "ask for fewer or name more sources."
    )


def test_a_drive_that_would_overfill_is_passed_over() -> None:
    drives = [*("pair",) * 2, *singles(9)]
    for key in ("one key", "another"):
        chosen = split_drives(drives, SplitSettings(train=7, validation=1, test=1, key=key))
        assert chosen.get("pair") in ("train", None)
        assert sizes(drives, chosen) == {"train": 7, "validation": 1, "test": 1}


def test_a_drive_larger_than_any_split_goes_to_train() -> None:
    drives = ["many"] * 12 + singles(3)
    assert split_drives(drives, SplitSettings(train=2, validation=1, test=1))["many"] == "train"
    assert "many" not in split_drives(drives, SplitSettings(validation=2, test=1))
    assert split_drives(["many"] * 12, SplitSettings()) == {"many": "train"}


@pytest.mark.parametrize("key", list("abcdefgh"))
def test_small_drives_are_left_for_small_splits(key: str) -> None:
    drives = [*("pair",) * 2, *singles(5)]
    for wanted in (SplitSettings(key=key), SplitSettings(train=5, validation=1, test=1, key=key)):
        assert sizes(drives, split_drives(drives, wanted)) == {"train": 5, "validation": 1, "test": 1}


def test_what_is_held_out_does_not_depend_on_how_many_train() -> None:
    drives = singles(60)
    few, many = (split_drives(drives, SplitSettings(train=count, validation=5, test=5)) for count in (10, 50))
    assert few.items() < many.items()


def test_another_key_is_another_split() -> None:
    drives = singles(200)
    one, other = (split_drives(drives, SplitSettings(key=key)) for key in ("gold-data", "gold"))
    assert one != other
    assert sizes(drives, one) == sizes(drives, other)


@given(DRIVES, COUNTS, st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_any_drives_and_counts(
    drives: list[str], counts: tuple[int | None, int | None, int | None], shuffler: random.Random
) -> None:
    train, validation, test = counts
    wanted = SplitSettings(train=train, validation=validation, test=test)
    asked = dict(zip(SPLITS, (count or 0 for count in counts), strict=True))
    given_counts = any(count is not None for count in counts)
    if sum(asked.values()) > len(drives):
        with pytest.raises(SettingsError):
            split_drives(drives, wanted)
        return
    chosen = split_drives(drives, wanted)
    assert set(chosen) <= set(drives)
    assert set(chosen.values()) <= set(SPLITS)
    assert chosen == split_drives(shuffler.sample(drives, len(drives)), wanted)
    if not given_counts:
        assert set(chosen) == set(drives)
        return
    found, drive_sizes = sizes(drives, chosen), Counter(drives)
    largest = max(asked.values())
    for split in SPLITS:
        usual = [size for drive, size in drive_sizes.items() if chosen.get(drive) == split and size <= largest]
        assert sum(usual) <= asked[split]
        if split != "train":
            assert found[split] <= asked[split]
    assert asked["train"] or not found["train"]
    left = [size for drive, size in drive_sizes.items() if drive not in chosen]
    for split in SPLITS:  # nothing that is left out would have had room
        assert all(size > asked[split] - found[split] for size in left)


DRIVES_OF = {"a": "one", "b": "one", "c": "two", "d": "three"}


def test_named_scenarios_go_where_they_are_named_and_the_others_nowhere() -> None:
    assert named_splits(DRIVES_OF, SplitSettings(named_train=("a", "b"), named_test=("d",))) == {
        "a": "train",
        "b": "train",
        "d": "test",
    }


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (SplitSettings(named_train=("a", "e", "f")), "'e', which the sources do not hold (and 1 more)"),
        (SplitSettings(named_train=("a", "c", "a")), "'a' twice"),
        (SplitSettings(named_train=("a",), named_test=("b",)), "puts 'b' into test and 'a' into train"),
        (SplitSettings(train=3, named_train=("a",)), "by counts and by names"),
    ],
)
def test_a_split_by_name_that_cannot_be(asked: SplitSettings, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        named_splits(DRIVES_OF, asked)
    assert words in str(refused.value)


@pytest.mark.parametrize("text", [None, "{", '{"trian": ["a"]}', '{"train": "a"}'])
def test_a_file_that_holds_no_split(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "split.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingsError, match=r"split.json: is no split \(.*\); write a JSON"):
        read_split(path)


def test_a_file_that_holds_one(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    path.write_text('{"train": ["a", "b"], "test": ["d"]}')
    assert read_split(path) == {"named_train": ("a", "b"), "named_test": ("d",)}
