from __future__ import annotations

import os
import pickle
from pathlib import Path

import fsspec
import pytest
from sources_material import write_database, write_description, write_harm

from gold_data.errors import SourceError
from gold_data.scenarionet import file_name
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


def test_records_and_databases_in_one_call(folder: Path, tmp_path: Path) -> None:
    write_database(tmp_path / "db", ("0a",))
    found = find_sources([str(folder / "validation"), str(tmp_path / "db")])
    assert [(source.kind, source.name) for source in found] == [
        ("womd", "validation/shard"),
        ("scenarionet", f"db/{file_name('0a')}"),
    ]
    write_description(folder / "training", "0b")
    (folder / "training" / "cache.pkl").write_bytes(pickle.dumps([1, 2]))
    assert [source.kind for source in find_sources([str(folder / "training")])] == ["womd", "womd", "scenarionet"]


def test_a_single_pickle_and_a_pattern(tmp_path: Path) -> None:
    path = write_description(tmp_path / "loose", "0a")
    other = path.rename(path.with_name("whatever"))
    for argument in (other, tmp_path / "loose" / "w*", tmp_path / "loose"):
        (source,) = find_sources([str(argument)])
        assert (source.name, source.kind, source.size) == ("loose/whatever", "scenarionet", other.stat().st_size)


def test_a_pattern_does_without_the_summary(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", ("0a", "0b"))
    (folder / file_name("0b")).unlink()
    (source,) = find_sources([str(folder / "sd_*")])
    assert (source.name, source.claims) == (f"db/{file_name('0a')}", ())


def test_a_pickle_that_would_run_something(tmp_path: Path) -> None:
    harm = tmp_path / "harm"
    path = write_harm(tmp_path / "loose" / "0.pkl", harm)
    with pytest.raises(
        SourceError, match=r"loose/0\.pkl: it cannot be read: it names posix\.mkdir, which is never run"
    ):
        find_sources([str(path)])
    (source,) = find_sources([str(path.parent)])
    assert source.kind == "scenarionet"
    assert not harm.exists()


@pytest.mark.parametrize("file", ["dataset_summary.pkl", "dataset_mapping.pkl"])
def test_a_summary_is_no_scenario(tmp_path: Path, file: str) -> None:
    folder = write_database(tmp_path / "db", ("0a",))
    with pytest.raises(SourceError, match=rf"{file} tells of a ScenarioNet database and is no scenario; give its fold"):
        find_sources([str(folder / file)])


def test_a_pickle_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "notes.pkl").write_bytes(pickle.dumps([1, 2]))
    with pytest.raises(SourceError, match=r"notes\.pkl is a Python pickle without a ScenarioNet description"):
        find_sources([str(tmp_path / "notes.pkl")])
    with pytest.raises(SourceError, match="leads to no TFRecord files and no ScenarioNet pickles"):
        find_sources([str(tmp_path)])


def test_only_what_no_summary_tells_is_opened(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_database(folder / "db", ("0a", "0b"))
    opened: list[str] = []
    of_the_system = fsspec.implementations.local.LocalFileSystem.open

    def noted(self: object, path: str, *rest: object, **more: object) -> object:
        opened.append(Path(path).name)
        return of_the_system(self, path, *rest, **more)

    monkeypatch.setattr(fsspec.implementations.local.LocalFileSystem, "open", noted)
    assert len(find_sources([str(folder)])) == 5
    assert sorted(opened) == sorted(
        [
            *("dataset_mapping.pkl", "dataset_summary.pkl", "README.md", "inventory.json"),
            *("a.tfrecord-00001-of-00002", "b.tfrecord-00000-of-00002", "shard"),
        ]
    )
