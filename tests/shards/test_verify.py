from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from shards_material import make_dataset

from gold_data.errors import DatasetError
from gold_data.shards.manifest import all_files, digest, digests_bytes, read_manifest
from gold_data.shards.reader import open_dataset
from gold_data.shards.verify import verify

REWARDS = "shards/train-00000.zarr/rewards/c/0"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "out"
    return make_dataset(root, {"train": [[3], [2]]}, dimension=3, card="a card that quotes a digest").root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "out"))


def test_a_whole_dataset_has_no_problem(root: Path) -> None:
    told: list[str] = []
    assert verify(root, told.append) == []
    assert sorted(told) == sorted(file.path for file in all_files(read_manifest(root)))


def test_what_may_differ_from_run_to_run_is_under_no_digest(root: Path) -> None:
    (root / "run.json").write_text("another time")
    assert verify(root) == []


def test_a_dataset_without_a_card_has_no_problem_until_there_is_one(tmp_path: Path) -> None:
    root = make_dataset(tmp_path / "out", {"train": [[3]]}, dimension=3).root
    assert verify(root) == []
    (root / "README.md").write_text("a card")
    assert [(problem.path, problem.kind) for problem in verify(root)] == [("README.md", "extra")]


def test_the_manifest_s_digest_is_one_that_other_tools_read(root: Path) -> None:
    done = subprocess.run(["sha256sum", "--check", "manifest.sha256"], cwd=root, capture_output=True, check=False)
    assert done.returncode == 0
    assert (root / "manifest.sha256").read_text().split()[:2] == [digest(read_manifest(root)), "manifest.json"]


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def _replace(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


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
        (lambda root: (root / "manifest.json").unlink(), [("manifest.json", "missing")]),
        (lambda root: (root / "manifest.json").write_bytes(b"{"), [("manifest.json", "altered")]),
        (lambda root: (root / "manifest.json").write_bytes(b""), [("manifest.json", "altered")]),
        (lambda root: _replace(root / "manifest.json", b'"0.1.0"', b'"0.1.1"'), [("manifest.json", "altered")]),
        (lambda root: (root / "manifest.sha256").unlink(), [("manifest.sha256", "missing")]),
        (lambda root: _replace(root / "manifest.sha256", b"  ", b" *"), [("manifest.sha256", "altered")]),
        (lambda root: _replace(root / "manifest.sha256", b"README", b"ReadMe"), [("manifest.sha256", "altered")]),
        (lambda root: (root / "README.md").unlink(), [("README.md", "missing")]),
        (lambda root: _flip(root / "README.md"), [("README.md", "altered")]),
        (lambda root: os.mkfifo(root / "pipe"), [("pipe", "special")]),
        (lambda root: (root / os.fsdecode(b"\xff")).touch(), [("\ufffd", "extra")]),
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


def test_a_link_is_not_followed_out_of_the_dataset(root: Path, tmp_path: Path) -> None:
    shard = root / "shards" / "train-00001.zarr"
    files = {f"shards/train-00001.zarr/{file.path}" for file in read_manifest(root).shards[1].files}
    shard.rename(tmp_path / "elsewhere")
    shard.symlink_to(tmp_path / "elsewhere")
    assert {(problem.path, problem.kind) for problem in verify(root)} == {
        ("shards/train-00001.zarr", "link"),
        *((path, "missing") for path in files),
    }


def test_a_manifest_of_another_version_is_no_damage(root: Path) -> None:
    content = (root / "manifest.json").read_bytes().replace(b'"format_version": 1', b'"format_version": 2')
    (root / "manifest.json").write_bytes(content)
    assert [problem.path for problem in verify(root)] == ["manifest.json"]
    card = hashlib.sha256((root / "README.md").read_bytes()).hexdigest()
    named = {"manifest.json": hashlib.sha256(content).hexdigest(), "README.md": card}
    (root / "manifest.sha256").write_bytes(digests_bytes(named))
    with pytest.raises(DatasetError, match="has format version 2"):
        verify(root)


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
    assert len(problems) == len(all_files(read_manifest(root))) + len({"manifest.json", "README.md"})
