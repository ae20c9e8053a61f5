from __future__ import annotations

from pathlib import Path

import pytest

from gold_data.errors import OutputError
from gold_data.shards.folder import is_partial, whole_folder, write_whole_file


def test_a_folder_takes_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder"
    with whole_folder(path) as partial:
        (partial / "file").write_text("content")
        assert not path.exists()
        assert is_partial(partial)
        assert partial.parent == path.parent
    assert (path / "file").read_text() == "content"
    assert [entry.name for entry in path.parent.iterdir()] == ["folder"]
    assert not is_partial(path)


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with whole_folder(tmp_path / "folder") as partial:
            (partial / "file").write_text("content")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"folder: cannot be written .*No space"), whole_folder(tmp_path / "folder"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="is there already"), whole_folder(tmp_path / "folder"):
        pytest.fail("the block must not run")


def test_who_comes_second_does_not_overwrite(tmp_path: Path) -> None:
    def second() -> None:
        with whole_folder(tmp_path / "folder"):
            (tmp_path / "folder").mkdir()
            (tmp_path / "folder" / "first").touch()

    with pytest.raises(OutputError, match="cannot be written"):
        second()
    assert [entry.name for entry in tmp_path.rglob("*")] == ["folder", "first"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole_file(path, b"old")
    write_whole_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OutputError, match="cannot be written"):
        write_whole_file(tmp_path / "absent" / "file", b"")
