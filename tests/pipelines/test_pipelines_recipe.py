"""What a recipe may hold, and what it means."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gold_data.errors import SettingsError
from pipelines.recipe import Recipe, read_recipe, stages_of

PLAIN = {"records": "make {out}", "dataset": "convert {records} --out={out}"}
WORD = st.text(st.characters(exclude_characters="{}", codec="utf-8"), min_size=1)


def test_needs_are_the_stages_that_are_named() -> None:
    records, dataset = stages_of(Recipe(stages=PLAIN, accept={"dataset": (3,)}), {})
    assert (records.needs, dataset.needs) == ((), ("records",))
    assert (records.accept, dataset.accept) == ((), (3,))
    assert dataset.command({"out": "/w/partial/dataset", "records": "/w/records"}) == [
        "convert",
        "/w/records",
        "--out=/w/partial/dataset",
    ]


def test_an_input_of_two_values_is_two_words() -> None:
    recipe = Recipe(inputs={"records": "files"}, stages={"dataset": "convert {records} {out}"})
    (stage,) = stages_of(recipe, {"records": ["/a b", "/{out}"]})
    assert stage.command({"out": "/w/d"}) == ["convert", "/a b", "/{out}", "/w/d"]
    assert stage.needs == ()


@given(st.lists(WORD, max_size=5))
@hypothesis_settings(max_examples=50, deadline=None)
def test_words_without_braces_stay_as_they_are(words: list[str]) -> None:
    (stage,) = stages_of(Recipe(stages={"one": f"run {shlex.join(words)} {{out}}"}), {})
    assert stage.command({"out": "/o"}) == ["run", *words, "/o"]


def test_what_is_written_has_the_inputs_and_no_places() -> None:
    recipe = Recipe(inputs={"map": "a file"}, stages=PLAIN | {"picture": "draw {map} {dataset} {out}"})
    picture = stages_of(recipe, {"map": ["/a b"]})[2]
    assert shlex.split(picture.written) == ["draw", "/a b", "{dataset}", "{out}"]


def test_a_name_stands_for_one_thing() -> None:
    recipe = Recipe(inputs={"records": "files"}, stages=PLAIN)
    with pytest.raises(SettingsError, match="records is an input and a stage"):
        stages_of(recipe, {"records": ["/r"]})


@pytest.mark.parametrize(
    ("stages", "sentence"),
    [
        ({"a": "run {b} {out}", "b": "run {out}"}, r"stage a needs \{b\}, which is not made before it; put b above a"),
        ({"a": "run {a} {out}"}, r"stage a needs \{a\}, which is not made before it"),
        ({"data": "run {out}", "b": "run {dat} {out}"}, r"no such input or earlier stage; name data\."),
        ({"a": "run {x} {out}"}, r"name only \{out\}"),
        ({"a": "run"}, r"stage a writes nothing to \{out\}"),
        ({"a": "run 'x {out}"}, r"stage a: no shell could split its command \(No closing quotation\)"),
        ({"a": "{out}"}, "begin its command with the program"),
        ({"a": ""}, "begin its command with the program"),
        ({"partial": "run {out}"}, "'partial' cannot be the name"),
        ({"../a": "run {out}"}, r"'\.\./a' cannot be the name"),
    ],
)
def test_stages_are_refused(stages: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        stages_of(Recipe(stages=stages), {})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, r"the recipe needs records; give the files: --set records="),
        ({"records": ["/a"], "record": ["/b"]}, "--set record: the recipe has no such input; give records"),
        ({"records": ["/a", "/b"]}, r"stage one: --from=\{records\} has room for one records"),
    ],
)
def test_inputs_are_refused(given: dict[str, list[str]], sentence: str) -> None:
    recipe = Recipe(inputs={"records": "the files"}, stages={"one": "run --from={records} {out}"})
    with pytest.raises(SettingsError, match=sentence):
        stages_of(recipe, given)


def test_acceptance_is_of_a_stage() -> None:
    with pytest.raises(SettingsError, match=r"accept\.b: there is no such stage"):
        stages_of(Recipe(stages={"a": "run {out}"}, accept={"b": (3,)}), {})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[stages", "is no TOML"),
        ("[stages]", "stages: Dictionary should have at least 1 item"),
        ("[stages]\na = 3", "stages.a: Input should be a valid string"),
        ("[stages]\na = 'x'\n[stage]\nb = 'x'", "stage: Extra inputs are not permitted"),
        ("[stages]\na = 'x'\n[accept]\na = [256]", "accept.a.0: Input should be less than or equal to 255"),
    ],
)
def test_files_are_refused(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=sentence):
        read_recipe(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        read_recipe(tmp_path / "recipe.toml")
