from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from shards_material import make_dataset

from gold_data.errors import DatasetError
from gold_data.shards.manifest import all_files, read_manifest
from gold_data.shards.reader import open_dataset
from gold_data.shards.verify import verify

REWARDS = "shards/train-00000.zarr/rewards/c/0"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("made") / "out", {"train": [[3], [2]]}, dimension=3).root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "out"))


def test_a_whole_dataset_has_no_problem(root: Path) -> None:
    (root / "README.md").write_text("the card quotes the manifest's digest")
    assert verify(root) == []


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def _link(path: Path) -> None:
    target = path.with_name("target")
    path.rename(target)
    path.symlink_to(target)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda root: (root / REWARDS).unlink(), [(REWARDS, "missing")]),
        (lambda root: _flip(root / REWARDS), [(REWARDS, "altered")]),
        (lambda root: (root / REWARDS).write_bytes(b""), [(REWARDS, "truncated")]),
        (lambda root: (root / REWARDS).write_bytes(bytes(9999)), [(REWARDS, "altered")]),
        (lambda root: (root / REWARDS).rename(root / "elsewhere"), [(REWARDS, "renamed")]),
        (lambda root: (root / "settings.json").unlink(), [("settings.json", "missing")]),
        (lambda root: (root / "notes.txt").write_text("mine"), [("notes.txt", "extra")]),
        (lambda root: (root / "shards" / ".a.zarr.1f.partial").mkdir(), [("shards/.a.zarr.1f.partial", "unfinished")]),
        (lambda root: (root / ".manifest.json.1f.partial").touch(), [(".manifest.json.1f.partial", "unfinished")]),
        (lambda root: _link(root / "settings.json"), [("settings.json", "link"), ("target", "extra")]),
        (
            lambda root: (root / "manifest.json").write_bytes((root / "manifest.json").read_bytes() + b" "),
            [("manifest.json", "altered")],
        ),
    ],
)
def test_each_kind_of_damage_is_named(
    root: Path, damage: Callable[[Path], object], expected: list[tuple[str, str]]
) -> None:
    damage(root)
    assert [(problem.path, problem.kind) for problem in verify(root)] == expected


def test_a_lost_shard_names_all_its_files_and_a_renamed_one_where_they_stand(root: Path) -> None:
    files = {f"shards/train-00001.zarr/{file.path}" for file in open_dataset(root).manifest.shards[1].files}
    (root / "shards" / "train-00001.zarr").rename(root / "shards" / "moved.zarr")
    renamed = verify(root)
    assert {problem.path for problem in renamed} == files
    assert {problem.kind for problem in renamed} == {"renamed"}
    assert all("stands at shards/moved.zarr/" in problem.detail for problem in renamed)
    shutil.rmtree(root / "shards" / "moved.zarr")
    assert {(problem.path, problem.kind) for problem in verify(root)} == {(path, "missing") for path in files}


def test_a_half_made_shard_is_not_seen_by_the_reader(root: Path) -> None:
    before = open_dataset(root)
    shutil.copytree(root / "shards" / "train-00000.zarr", root / "shards" / ".train-00002.zarr.1f.partial")
    after = open_dataset(root)
    assert after.digest == before.digest
    assert len(list(after.episodes())) == 2


def test_without_a_manifest_nothing_can_be_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no manifest\.json"):
        verify(tmp_path)


def test_a_file_that_the_disk_does_not_give_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path) -> str:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(sys.modules[verify.__module__], "_sha256", broken)
    problems = verify(root)
    assert {problem.kind for problem in problems} == {"unreadable"}
    assert {problem.detail for problem in problems} == {"cannot be read (Input/output error)"}
    assert len(problems) == len(all_files(read_manifest(root)))
