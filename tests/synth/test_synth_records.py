import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gold_data.errors import OutputError, SettingsError
from gold_data.synth import scenario_record, synthesize
from gold_data.synth.drives import make_scenario
from gold_data.synth.records import SCENARIOS_PER_FILE, encode
from gold_data.womd.protobuf import ScenarioMessage
from gold_data.womd.reference import decode_with_protobuf

PROGRAM = """
import hashlib
from gold_data.synth import scenario_record
print(*[hashlib.sha256(scenario_record(5, index)).hexdigest() for index in range(3)])
"""


def test_same_bytes_in_any_process() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split()
        for hash_seed in ("0", "1")
    ]
    here = [hashlib.sha256(scenario_record(5, index)).hexdigest() for index in range(3)]
    assert said == [here, here]
    assert len(set(here)) == 3
    assert scenario_record(6, 0) != scenario_record(5, 0)


@pytest.mark.parametrize("index", range(5))
def test_a_record_is_read_as_it_was_made(index: int) -> None:
    made, read = make_scenario(1, index), decode_with_protobuf(scenario_record(1, index))
    assert read.scenario_id == made.scenario_id
    assert (read.timestamps_seconds == made.timestamps_seconds).all()
    assert (read.objects_of_interest, read.tracks_to_predict) == (made.objects_of_interest, made.tracks_to_predict)
    assert (read.current_time_index, read.sdc_track_index) == (made.current_time_index, made.sdc_track_index)
    for ours, theirs in zip(made.tracks, read.tracks, strict=True):
        assert (ours.id, ours.object_type) == (theirs.id, theirs.object_type)
        np.testing.assert_array_equal(theirs.states, ours.states)
    for signals, shown in zip(made.dynamic_map_states, read.dynamic_map_states, strict=True):
        np.testing.assert_array_equal(shown, signals)
    for feature, other in zip(made.map_features, read.map_features, strict=True):
        assert type(feature) is type(other)
        for name, value in vars(feature).items():
            if isinstance(value, np.ndarray):
                np.testing.assert_array_equal(getattr(other, name), value)
            else:
                assert getattr(other, name) == value


def test_invalid_states_hold_what_womds_hold() -> None:
    message = ScenarioMessage.FromString(scenario_record(1, 0))
    invalid = [state for track in message.tracks for state in track.states if not state.valid]
    assert len(invalid) > 100
    assert {tuple(field.name for field, _ in state.ListFields()) for state in invalid} == {("center_z", "valid")}


def test_records_are_as_large_as_womds() -> None:
    sizes = [len(scenario_record(2, index)) for index in range(30)]
    assert min(sizes) > 100_000
    assert 500_000 < np.median(sizes) < 850_000
    assert max(sizes) < 2_000_000


def test_a_feature_that_is_not_written_is_refused() -> None:
    from dataclasses import replace

    from gold_data.womd.messages import EmptyFeature

    with pytest.raises(ValueError, match="EmptyFeature"):
        encode(replace(make_scenario(0, 0), map_features=(EmptyFeature(1),)))


def test_files_are_named_as_womds_and_hold_the_scenarios_in_order(tmp_path: Path) -> None:
    count = SCENARIOS_PER_FILE + 2
    paths = synthesize(tmp_path / "new" / "folder", count, 4)
    assert [path.name for path in paths] == ["synthetic.tfrecord-00000-of-00002", "synthetic.tfrecord-00001-of-00002"]
    assert sorted(paths[0].parent.iterdir()) == list(paths)
    again = synthesize(tmp_path / "fewer", 1, 4)
    assert again[0].read_bytes() == paths[0].read_bytes()[: again[0].stat().st_size]
    assert again[0].stat().st_size == len(scenario_record(4, 0)) + 16
    assert paths[1].stat().st_size == sum(len(scenario_record(4, index)) + 16 for index in (20, 21))


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(OutputError, match="already holds files"):
        synthesize(tmp_path, 1, 0)
    with pytest.raises(OutputError, match="cannot be made"):
        synthesize(tmp_path / "mine", 1, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(("scenarios", "seed"), [(0, 0), (-3, 0), (1, -1)])
def test_numbers_out_of_range_are_refused(tmp_path: Path, scenarios: int, seed: int) -> None:
    with pytest.raises(SettingsError, match="ask for"):
        synthesize(tmp_path / "out", scenarios, seed)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("windows", [1, 0, -2])
def test_windows_that_cannot_overlap_are_refused(tmp_path: Path, windows: int) -> None:
    with pytest.raises(SettingsError, match="one alone overlaps with nothing"):
        synthesize(tmp_path / "out", 2, 0, same_drive=windows)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("steps", [1, 0, -91])
def test_scenarios_without_motion_are_refused(tmp_path: Path, steps: int) -> None:
    with pytest.raises(SettingsError, match="has 2 or more"):
        synthesize(tmp_path / "out", 2, 0, steps=steps)
    assert not (tmp_path / "out").exists()


def test_steps_and_windows_reach_the_records(tmp_path: Path) -> None:
    (path,) = synthesize(tmp_path, 2, 7, steps=12, same_drive=2)
    expected = [scenario_record(7, index, 12, 2) for index in range(2)]
    assert path.stat().st_size == sum(len(record) + 16 for record in expected)
    read = [decode_with_protobuf(record) for record in expected]
    assert [len(scenario.timestamps_seconds) for scenario in read] == [12, 12]
    assert read[0].map_features[0].id == read[1].map_features[0].id
