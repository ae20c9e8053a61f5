from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenarionet_old_forms import described, of_april_2023, of_march_2023, stored, without_metadata
from scenarionet_records import assert_same, assert_sane

from gold_data.scenarionet import DescriptionError
from gold_data.scenarionet.stored import restore

JUNK: list[Any] = [
    *(None, True, -1, 10**30, 0.5, float("nan"), "", "text", [], [None], {}, {"a": None}, {1: 2}, (), set()),
    *(np.zeros(0), np.zeros((2, 2), np.float32), np.full(6, np.nan, np.float32), np.zeros((6, 3), np.float32)),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything in a stored description."""
    inside: list[tuple[Any, ...]] = []
    if isinstance(value, dict):
        inside = [place for key, item in value.items() for place in places(item, (*path, key))]
    if isinstance(value, list):
        inside = [place for index, item in enumerate(value) for place in places(item, (*path, index))]
    return [path, *inside] if path else inside


FORMS: dict[str, dict[str, Any]] = {
    "today": stored(described()),
    "april": of_april_2023(described()),
    "march": of_march_2023(described(signals=False, plain=True)),
    "without metadata": without_metadata(described(signals=False, plain=True)),
}
PLACES = {name: places(form) for name, form in FORMS.items()}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_becomes_what_describe_makes_of_the_record(form: str) -> None:
    expected = described() if form in ("today", "april") else described(signals=False, plain=True)
    restored = restore(copy.deepcopy(FORMS[form]), "some.tfrecord")
    assert_same(restored, expected)
    assert_sane(restored)


def test_damaged_signals_are_not_mended() -> None:
    for form in (of_march_2023, without_metadata):
        with pytest.raises(DescriptionError, match=r"signals are damaged: .* 1 signals keep 1 steps in all; make"):
            restore(form(described()), "")


def test_summaries_are_not_believed() -> None:
    lying = stored(described())
    lying["metadata"]["number_summary"] = {"num_objects": 99}
    lying["metadata"]["object_summary"] = "nothing"
    assert_same(restore(lying, ""), described())


def test_the_source_file_is_named_without_the_folders_of_another_machine() -> None:
    there = stored(described())
    there["metadata"]["source_file"] = "/data1/waymo/training.tfrecord-00000-of-01000"
    assert restore(there, "")["metadata"]["source_file"] == "training.tfrecord-00000-of-01000"
    del there["metadata"]["source_file"]
    assert restore(there, "folder/sd_x.pkl")["metadata"]["source_file"] == "folder/sd_x.pkl"


def change(form: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {**form, "metadata": {**form["metadata"], **metadata}}


def lacking(form: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in form.items() if name not in names}


TODAY = FORMS["today"]
WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: [1], "it holds no ScenarioNet description"),
    (lambda: lacking(TODAY, "tracks"), "it holds no ScenarioNet description"),
    (lambda: lacking(TODAY, "dynamic_map_states"), "the description has no 'dynamic_map_states'"),
    (lambda: lacking(TODAY, "metadata"), "it has no metadata, and neither `ts` nor `sdc_track_index`"),
    (lambda: {**TODAY, "id": "a/b"}, "not fit for a file name"),
    (lambda: {**TODAY, "length": 0}, "it has 0 steps"),
    (lambda: {**TODAY, "id": "other"}, "id of the description is 'other', its metadata say '0123abcd'"),
    (lambda: change(TODAY, scenario_id="x"), "scenario_id of the description is '0123abcd', its metadata say 'x'"),
    (lambda: change(TODAY, track_length=7), "track_length of the description is 6, its metadata say 7"),
    (lambda: change(TODAY, metadrive_processed=True), "MetaDrive has changed it since it was made"),
    (lambda: change(TODAY, ts=np.zeros(7, np.float32)), r"'ts' of the metadata is float32 \(7,\), not float32 \(6,\)"),
    (lambda: change(TODAY, ts=np.full(6, np.nan, np.float32)), "'ts' of the metadata holds what is no number"),
    (lambda: change(TODAY, sdc_id="31"), "its SDC, track 31, is not among its 3 tracks"),
    (lambda: {**TODAY, "metadata": lacking(TODAY["metadata"], "sdc_id")}, "the metadata has no 'sdc_id'"),
    (lambda: change(TODAY, sdc_track_index=0), "sdc_track_index of track 20, the SDC, is 1, its metadata say 0"),
    (lambda: change(TODAY, tracks_to_predict={"10": {"track_index": 0}}), "10 of tracks_to_predict is not track nu"),
    (lambda: change(TODAY, dataset="nuscenes", sdc_id="ego"), "made from 'nuscenes', it has another form .*: its SDC"),
]


@pytest.mark.parametrize(("make", "reason"), WRONG, ids=[reason[:40] for _, reason in WRONG])
def test_what_is_wrong_is_said(make: Callable[[], Any], reason: str) -> None:
    with pytest.raises(DescriptionError, match=reason):
        restore(make(), "")


def test_a_description_made_from_another_dataset_is_borne_where_it_has_the_form() -> None:
    other = restore(change(TODAY, dataset="lyft", coordinate="right-handed"), "")
    assert other["metadata"]["dataset"] == "lyft"
    assert other["tracks"]["20"]["metadata"]["dataset"] == "lyft"
    assert_sane(other)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_stands_at_one_place_it_is_refused_or_sane(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FORMS)))
    path = data.draw(st.sampled_from(PLACES[name]))
    changed = copy.deepcopy(FORMS[name])
    holder: Any = changed
    for key in path[:-1]:
        holder = holder[key]
    if isinstance(holder, dict) and data.draw(st.booleans()):
        del holder[path[-1]]
    else:
        holder[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    with contextlib.suppress(DescriptionError):
        assert_sane(restore(changed, "some.tfrecord"))
