from __future__ import annotations

import os
from pathlib import Path

import fsspec
import pytest

from gold_data.errors import SourceError
from gold_data.sources import find_sources
from gold_data.womd.protobuf import ScenarioMessage
from gold_data.womd.tfrecord import Frame, read_record, scan, write_records

RECORD = ScenarioMessage(scenario_id="a", timestamps_seconds=[0.0]).SerializeToString()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A download: two shards in a folder each, one under another name, and papers that lie beside them."""
    root = tmp_path / "womd"
    for path in ("training/b.tfrecord-00000-of-00002", "training/a.tfrecord-00001-of-00002", "validation/shard"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        write_records(root / path, [RECORD, RECORD])
    (root / "README.md").write_text("read me")
    (root / "training" / "inventory.json").write_text("{}")
    return root


def names(*paths: object) -> list[str]:
    return [source.name for source in find_sources([str(path) for path in paths])]


def test_a_folder_is_looked_through_in_a_fixed_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [
        "womd/training/a.tfrecord-00001-of-00002",
        "womd/training/b.tfrecord-00000-of-00002",
        "womd/validation/shard",
    ]
    assert names(folder) == names(f"{folder}/") == expected
    monkeypatch.chdir(folder / "training")
    assert names("..") == expected
    assert names(".") == ["training/a.tfrecord-00001-of-00002", "training/b.tfrecord-00000-of-00002"]


def test_a_file_is_called_by_its_folder_and_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(folder / "validation" / "shard") == ["validation/shard"]
    monkeypatch.chdir(folder / "validation")
    assert names("shard") == ["validation/shard"]


def test_patterns(folder: Path) -> None:
    assert names(folder / "training" / "*.tfrecord*") == [
        "training/a.tfrecord-00001-of-00002",
        "training/b.tfrecord-00000-of-00002",
    ]
    assert names(folder / "val*") == ["womd/validation/shard"]


def test_arguments_come_in_their_order_and_a_file_counts_once(folder: Path) -> None:
    found = find_sources([str(folder / "validation"), str(folder), str(folder / "training")])
    assert [(source.argument, source.name) for source in found] == [
        (0, "validation/shard"),
        (1, "womd/training/a.tfrecord-00001-of-00002"),
        (1, "womd/training/b.tfrecord-00000-of-00002"),
    ]


def test_two_files_of_one_name_are_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other" / "training").mkdir(parents=True)
    write_records(tmp_path / "other" / "training" / "a.tfrecord-00001-of-00002", [RECORD])
    with pytest.raises(SourceError, match=r"would both be written about as training/a\.tfrecord"):
        names(folder / "training", tmp_path / "other" / "training")


def test_the_bytes_of_a_local_file(folder: Path) -> None:
    (source,) = find_sources([str(folder / "validation")])
    assert source.size == (folder / "validation" / "shard").stat().st_size
    with source.contents() as contents:
        frames = [frame for frame in scan(contents) if isinstance(frame, Frame)]
        assert [frame.data(contents) for frame in frames] == [RECORD, RECORD]
    with source.open() as file:
        assert read_record(file, frames[1].offset, source.name) == RECORD


def test_a_url(folder: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/training/x.tfrecord", (folder / "validation" / "shard").read_bytes())
    memory.pipe("/bucket/training/notes.txt", b"notes")
    try:
        for argument in (
            "memory://bucket/training",
            "memory://bucket/training/x.tfrecord",
            "memory://bucket/training/x*",
        ):
            (source,) = find_sources([argument])
            assert source.name == "training/x.tfrecord"
            with source.contents() as contents:
                assert len(list(scan(contents))) == 2
    finally:
        memory.rm("/bucket", recursive=True)


@pytest.mark.parametrize("argument", ["nowhere", "nowhere/*.tfrecord"])
def test_what_is_not_there(argument: str) -> None:
    with pytest.raises(SourceError, match=r"nowhere.*: there is no such file or folder"):
        find_sources([argument])


def test_a_folder_without_records(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("read me")
    with pytest.raises(SourceError, match="leads to no TFRecord files"):
        find_sources([str(tmp_path)])


def test_a_url_of_an_unknown_kind() -> None:
    with pytest.raises(SourceError, match="Protocol not known"):
        find_sources(["nowhere://x/y"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(folder: Path) -> None:
    (folder / "validation" / "x.tfrecord").touch(mode=0)
    with pytest.raises(SourceError, match=r"x\.tfrecord may not be read \(permission denied\)"):
        find_sources([str(folder)])


def test_a_file_that_the_system_does_not_open(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fsspec.implementations.local.LocalFileSystem, "open", refuse)
    with pytest.raises(SourceError, match=r"womd/training/a.* may not be read \(permission denied\)"):
        find_sources([str(folder)])
