from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from scenarionet_records import assert_same, decoded, small_message

from gold_data.errors import DatasetError, OutputError
from gold_data.scenarionet import Description, DescriptionError, describe, load, write_summary, write_unit

WRITE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from scenarionet_records import decoded, small_message
from gold_data.scenarionet import describe, write_summary, write_unit
root = Path(sys.argv[2])
write_unit(root / "0", [describe(decoded(small_message(name)), "x") for name in ("b", "a")])
write_summary(root)
"""


def _description(scenario_id: str) -> Description:
    return describe(decoded(small_message(scenario_id)), "folder/some.tfrecord")


def _files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_database_of_two_units(tmp_path: Path) -> None:
    assert write_unit(tmp_path / "unit-1", [_description("b"), _description("a")]) == 2
    assert write_unit(tmp_path / "unit-0", [_description("c")]) == 1
    assert write_summary(tmp_path) == 3

    names = [f"sd_waymo_v1.2_{scenario_id}.pkl" for scenario_id in "cab"]
    summary = pickle.loads((tmp_path / "dataset_summary.pkl").read_bytes())
    mapping = pickle.loads((tmp_path / "dataset_mapping.pkl").read_bytes())
    assert list(summary) == names
    assert_same(mapping, dict(zip(names, ["unit-0", "unit-1", "unit-1"], strict=True)))
    for name, unit in mapping.items():
        scenario_id = name.removesuffix(".pkl")[-1]
        assert_same(load(tmp_path / unit / name), _description(scenario_id))
    unit = tmp_path / "unit-1"
    assert list(pickle.loads((unit / "dataset_summary.pkl").read_bytes())) == names[1:]
    assert pickle.loads((unit / "dataset_mapping.pkl").read_bytes()) == dict.fromkeys(names[1:], "")
    assert len(_files(tmp_path)) == 3 + 4 + 2


def test_summary_has_lists_and_tuples(tmp_path: Path) -> None:
    description = _description("a")
    write_unit(tmp_path / "0", [description])
    write_summary(tmp_path)
    (entry,) = pickle.loads((tmp_path / "dataset_summary.pkl").read_bytes()).values()
    expected = description["metadata"]
    expected["ts"] = expected["ts"].tolist()
    expected["number_summary"]["object_types"] = ("CYCLIST", "PEDESTRIAN", "VEHICLE")
    expected["number_summary"]["num_traffic_light_types"] = ("LANE_STATE_GO", "LANE_STATE_STOP")
    assert_same(entry, expected)
    assert type(entry["number_summary"]["num_moving_objects_each_type"]) is defaultdict


def test_bytes_do_not_depend_on_the_process(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        command = [sys.executable, "-c", WRITE, str(Path(__file__).parent), str(tmp_path / seed)]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
    assert _files(tmp_path / "1") == _files(tmp_path / "2")
    assert len(_files(tmp_path / "1")) == 6


def test_summary_can_be_written_again(tmp_path: Path) -> None:
    write_unit(tmp_path / "0", [_description("a")])
    write_summary(tmp_path)
    write_unit(tmp_path / "1", [_description("b")])
    (tmp_path / ".half-done").mkdir()
    (tmp_path / ".half-done" / "dataset_summary.pkl").write_bytes(b"half")
    (tmp_path / "no unit").mkdir()
    assert write_summary(tmp_path) == 2
    assert not list(tmp_path.glob("*.partial"))


def test_unit_of_nothing(tmp_path: Path) -> None:
    assert write_unit(tmp_path / "0", []) == 0
    assert write_summary(tmp_path) == 0
    assert pickle.loads((tmp_path / "dataset_summary.pkl").read_bytes()) == {}


def test_scenario_twice_in_a_unit(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"sd_waymo_v1.2_a.pkl: cannot be written: File exists; use an empty folder"):
        write_unit(tmp_path, [_description("a"), _description("a")])


def test_scenario_in_two_units(tmp_path: Path) -> None:
    for unit in ("0", "1"):
        write_unit(tmp_path / unit, [_description("a")])
    with pytest.raises(OutputError, match=r"sd_waymo_v1.2_a.pkl is in 0 too"):
        write_summary(tmp_path)
    assert not (tmp_path / "dataset_summary.pkl").exists()
    assert not list(tmp_path.glob(".*"))


def test_id_from_elsewhere_stays_inside_the_folder(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError):
        write_unit(tmp_path / "unit", [{**_description("a"), "id": "x/../../a"}])


def test_damaged_summary_of_a_unit(tmp_path: Path) -> None:
    write_unit(tmp_path / "0", [_description("a")])
    (tmp_path / "0" / "dataset_summary.pkl").write_bytes(pickle.dumps(["a"]))
    with pytest.raises(DatasetError, match="holds no summary"):
        write_summary(tmp_path)


def test_pickle_that_is_no_description(tmp_path: Path) -> None:
    path = tmp_path / "sd_x.pkl"
    path.write_bytes(pickle.dumps({"tracks": {}}))
    with pytest.raises(DatasetError, match="holds no ScenarioNet description"):
        load(path)
