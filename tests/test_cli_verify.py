from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import Command

from gold_data import Dataset, open_dataset


@pytest.fixture
def gold_data(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(capsys, monkeypatch)


@pytest.fixture
def dataset(small: Dataset, tmp_path: Path) -> Dataset:
    """A copy, its sources beside it and named in its run.json."""
    for name in ("training", "more"):
        shutil.copytree(small.root.parent / name, tmp_path / "womd" / name)
    root = shutil.copytree(small.root, tmp_path / "dataset")
    run = json.loads((root / "run.json").read_text())
    (root / "run.json").write_text(json.dumps({**run, "sources": [str(tmp_path / "womd")]}))
    return open_dataset(root)


def test_all_well_is_one_line(gold_data: Command, dataset: Dataset) -> None:
    done = gold_data("verify", dataset.root, "--deep")
    assert (done.code, len(done.out.splitlines())) == (0, 1)
    assert dataset.digest in done.out
    assert "6 episodes" in done.out


def test_damage_is_a_list_and_code_1(gold_data: Command, dataset: Dataset) -> None:
    (dataset.root / "damaged.jsonl").unlink()
    (dataset.root / "notes[1].txt").write_text("mine")
    done = gold_data("verify", dataset.root, "--deep")
    assert done.code == 1
    assert done.out.splitlines() == [
        f"damaged.jsonl: missing: {(dataset.manifest.files[0].size)} bytes are listed",
        "notes[1].txt: extra: is not in the manifest",
    ]
    assert "gold-data: left out the deep check: it stands on whole files" in done.err


def test_a_manifest_that_cannot_be_read_any_more(gold_data: Command, dataset: Dataset) -> None:
    (dataset.root / "manifest.json").write_bytes(b"{")
    done = gold_data("verify", dataset.root)
    assert (done.code, done.out) == (1, "manifest.json: altered: has another SHA-256 than manifest.sha256 says\n")


def test_a_database(gold_data: Command, dataset: Dataset) -> None:
    assert gold_data("verify", dataset.root / "scenarios").code == 0
    (first, *_) = sorted((dataset.root / "scenarios").glob("*/sd_*.pkl"))
    first.unlink()
    done = gold_data("verify", dataset.root / "scenarios")
    assert (done.code, f"{first.parent.name}/{first.name}: " in done.out) == (1, True)


def test_neither(gold_data: Command, tmp_path: Path) -> None:
    done = gold_data("verify", tmp_path)
    assert done.code == 2
    assert done.sentence.startswith(f"{tmp_path}: no manifest.json here; ")


def test_a_row_is_traced(gold_data: Command, dataset: Dataset) -> None:
    done = gold_data("trace", dataset.root, "--episode", 2, "--step", 5)
    assert done.code == 0
    assert "the record is there and unchanged" in done.out
    said = json.loads(gold_data("trace", dataset.root, "--episode", 2, "--json").out)
    assert (said["scenario"], said["record"]["fate"]) == (dataset.episode(2)["scenario_id"], "unchanged")


def test_a_changed_record_is_code_1_and_a_lost_one_is_not(gold_data: Command, dataset: Dataset, tmp_path: Path) -> None:
    source = tmp_path / "womd" / str(dataset.episode(0)["source"])
    content = bytearray(source.read_bytes())
    content[int(dataset.episode(0)["offset"]) + 40] ^= 1
    source.write_bytes(content)
    done = gold_data("trace", dataset.root, "--episode", 0)
    assert (done.code, "the record is changed" in done.out) == (1, True)
    assert gold_data("verify", dataset.root, "--deep").code == 1
    shutil.rmtree(tmp_path / "womd")
    gone = gold_data("trace", dataset.root, "--episode", 0)
    assert (gone.code, "the record is not there" in gone.out) == (0, True)


def test_rows_that_there_are_not(gold_data: Command, dataset: Dataset) -> None:
    done = gold_data("trace", dataset.root, "--episode", 6)
    assert (done.code, done.sentence) == (
        2,
        f"{dataset.root}: has 6 episodes and no episode 6; count from 0",
    )


def test_drives_are_reported(gold_data: Command, dataset: Dataset) -> None:
    lines = gold_data("inspect", dataset.root).out.splitlines()
    assert "drives     6, 1 of several scenarios, 2 at most" in lines
    said = json.loads(gold_data("inspect", dataset.root, "--json").out)
    assert said["drives"] == {"drives": 6, "scenarios": 7, "of_several": [["0a", "0b"]]}
