from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from views_material import STEPS, Material, make_material

from gold_data.errors import DatasetError, SourceError
from gold_data.shards import Dataset
from gold_data.views.trace import trace, trace_json, trace_lines


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("trace"))


@pytest.fixture
def dataset(material: Material, tmp_path: Path) -> Dataset:
    """One that says where its records are, which are its own."""
    shutil.copytree(material.records, tmp_path / "womd" / "training")
    root = shutil.copytree(material.dataset.root, tmp_path / "dataset")
    (root / "run.json").write_text(json.dumps({"sources": [str(tmp_path / "womd" / "training")], "python": "3.11"}))
    return Dataset(root, material.dataset.manifest)


def record_file(dataset: Dataset) -> Path:
    (path,) = (dataset.root.parent / "womd" / "training").iterdir()
    return path


@pytest.mark.parametrize("number", range(4))
def test_every_episode_is_traced_to_its_record(dataset: Dataset, number: int) -> None:
    episode, found = dataset.episode(number), trace(dataset, number)
    assert (found.scenario, found.ego) == (episode["scenario_id"], episode["ego_id"])
    assert (found.offset, found.crc) == (int(episode["offset"]), int(episode["crc"]))
    assert (found.split, found.shard, found.length) == (episode.split, f"{episode.split}-00000.zarr", STEPS)
    assert (found.manifest_digest, found.settings_digest) == (dataset.digest, dataset.manifest.settings_digest)
    assert (found.gold_data_version, found.python_version) == ("0.1.0", "3.11")
    assert (found.record.fate, found.record.location) == ("unchanged", str(record_file(dataset)))
    assert trace_lines(found)[-1] == f"now        the record is there and unchanged: {record_file(dataset)}"


def test_a_step_has_its_rows_and_values(dataset: Dataset) -> None:
    numbers = [n for n in range(4) if trace(dataset, n).row == 1]
    (number,) = numbers
    found, episode = trace(dataset, number, 7), dataset.episode(number)
    assert (found.step_row, found.observation_row) == (STEPS + 7, STEPS + 1 + 7)
    assert found.values is not None
    assert found.values["returns_to_go"] == float(episode["returns_to_go"][7])
    assert found.values["actions"] == episode["actions"][7].tolist()
    assert trace_lines(found)[-2].startswith(f"step       7: row {STEPS + 7}, observation row {STEPS + 8}; rewards ")
    said = json.loads(trace_json(found))
    assert (said["step"], said["record"]["fate"]) == (7, "unchanged")


def test_a_record_that_is_changed(dataset: Dataset) -> None:
    path = record_file(dataset)
    content = bytearray(path.read_bytes())
    content[trace(dataset, 0).offset + 500] ^= 1
    path.write_bytes(content)
    changed = [trace(dataset, number).record for number in range(4)]
    assert [record.fate for record in changed] == ["changed", "unchanged", "unchanged", "unchanged"]
    assert "its data do not match their CRC-32C" in changed[0].reason


def test_another_record_in_its_place(dataset: Dataset) -> None:
    path = record_file(dataset)
    last = max((trace(dataset, number) for number in range(4)), key=lambda one: one.offset)
    content = path.read_bytes()
    first = min(trace(dataset, number).offset for number in range(4))
    second = sorted(trace(dataset, number).offset for number in range(4))[1]
    path.write_bytes(content[: last.offset] + content[first:second])
    found = trace(dataset, last.episode).record
    assert (found.fate, found.reason.endswith(f"and was {last.crc:08x}")) == ("changed", True)


def test_a_file_that_was_cut(dataset: Dataset) -> None:
    path = record_file(dataset)
    path.write_bytes(path.read_bytes()[:1000])
    assert {trace(dataset, number).record.fate for number in range(4)} == {"changed"}


def test_records_that_are_not_there(dataset: Dataset, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.move(tmp_path / "womd", moved)
    gone = trace(dataset, 0).record
    assert (gone.fate, "there is no such file or folder" in gone.reason) == ("not there", True)
    assert trace(dataset, 0, sources=[str(moved)]).record.fate == "unchanged"
    with pytest.raises(SourceError, match="no such file or folder"):
        trace(dataset, 0, sources=[str(tmp_path / "womd")])
    (dataset.root / "run.json").unlink()
    assert "give --source" in trace(dataset, 0).record.reason


def test_a_file_of_another_name(dataset: Dataset) -> None:
    path = record_file(dataset)
    path.rename(path.with_name("other.tfrecord"))
    found = trace(dataset, 0).record
    assert (found.fate, "holds no file training/" in found.reason) == ("not there", True)


@pytest.mark.parametrize(("episode", "step", "said"), [(4, None, "no episode 4"), (-1, None, "no"), (0, 80, "step 80")])
def test_rows_that_there_are_not(dataset: Dataset, episode: int, step: int | None, said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        trace(dataset, episode, step)
