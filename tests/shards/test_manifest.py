from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from shards_material import make_dataset

from gold_data.errors import DatasetError
from gold_data.shards.manifest import (
    Counts,
    DemonstrationCounts,
    EgoCounts,
    FileRow,
    Manifest,
    RecordCounts,
    ScenarioCounts,
    digest,
    manifest_bytes,
    read_manifest,
    schema_text,
    write_manifest,
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dataset") / "out"
    make_dataset(root, {"train": [[3, 2], [4]], "validation": [[2]]}, dimension=3)
    return root


def test_it_reads_back_as_it_was_written(root: Path, tmp_path: Path) -> None:
    manifest = read_manifest(root)
    said = write_manifest(tmp_path, manifest)
    written = (tmp_path / "manifest.json").read_bytes()
    assert read_manifest(tmp_path) == manifest
    assert written == (root / "manifest.json").read_bytes() == manifest_bytes(manifest)
    assert said == digest(manifest) == hashlib.sha256(written).hexdigest()
    assert written.endswith(b"}\n")
    assert list(json.loads(written)) == sorted(json.loads(written))


def test_the_schema_beside_the_protos_is_that_of_the_model() -> None:
    path = Path(__file__).parents[2] / "schemas" / "manifest.schema.json"
    assert path.read_text() == schema_text()


def test_counts_must_add_up() -> None:
    def counts(read: int, rejected: int, considered: int, driven: int, episodes: int) -> Counts:
        return Counts(
            records=RecordCounts(read=read, damaged=1, duplicate=2, scenarios=7),
            scenarios=ScenarioCounts(kept=4, rejected=rejected, unplanned=1),
            egos=EgoCounts(considered=considered, kept=5, rejected=3, unplanned=2),
            demonstrations=DemonstrationCounts(driven=driven, kept=2, rejected=1),
            episodes=episodes,
            steps=100,
            bytes=1000,
        )

    assert counts(10, 2, 8, 3, 7).records.read == 10
    for wrong in ((11, 2, 8, 3, 7), (10, 3, 8, 3, 7), (10, 2, 7, 3, 7), (10, 2, 8, 2, 7), (10, 2, 8, 3, 5)):
        with pytest.raises(ValidationError, match="adds up to"):
            counts(*wrong)


def _set(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        place: Any = data
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("counts", "episodes", value=5), "episodes: 5 is said, 4"),
        (_set("counts", "steps", value=12), "steps: 12 is said, 11"),
        (_set("counts", "bytes", value=1), "bytes: 1 is said"),
        (_set("counts", "records", "damaged", value=2), "records read"),
        (_set("splits", "train", "episodes", value=4), "episodes of train"),
        (_set("splits", "train", "kept", value=4), "scenarios kept"),
        (_set("shards", 0, "split", value="test"), "episodes of train"),
        (_set("shards", 0, "files", 0, "path", value="../../secret"), "stays inside"),
        (_set("shards", 0, "files", 0, "path", value="/etc/passwd"), "stays inside"),
        (_set("shards", 0, "name", value="../shards"), "not the name of a folder"),
        (_set("shards", 0, "name", value=".."), "stays inside"),
        (_set("shards", 1, "name", value="train-00000.zarr"), "listed twice"),
        (_set("shards", 0, "files", 0, "size", value=-1), "greater than or equal to 0"),
        (_set("settings_digest", value="ABC"), "settings_digest"),
        (_set("observation_blocks", 0, "start", value=1), "names of block all"),
        (_set("more", value=1), "more"),
        (_set("format", value="something else"), "is not a gold-data manifest"),
        (_set("format_version", value=2), r"has format version 2 .* install the version"),
    ],
)
def test_a_changed_manifest_is_refused_in_one_sentence(
    root: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    data = json.loads((root / "manifest.json").read_text())
    change(data)
    (tmp_path / "manifest.json").write_text(json.dumps(data))
    with pytest.raises(DatasetError, match=message) as caught:
        read_manifest(tmp_path)
    assert str(caught.value).startswith(str(tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"{" * 100_000, b"[" * 100_000, b'{"format": 1}'])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(DatasetError, match=r"manifest\.json: "):
        read_manifest(tmp_path)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "absent"):
        with pytest.raises(DatasetError, match=r"no manifest\.json here; name the folder"):
            read_manifest(place)


@pytest.mark.parametrize("path", ["", ".", "..", "a/../b", "/a", "a//b", "a/", "a\\b", "C:a", "a\0"])
def test_a_path_stays_inside(path: str) -> None:
    with pytest.raises(ValidationError):
        FileRow(path=path, size=1, sha256="0" * 64)
    assert FileRow(path="a/b..c/.d", size=1, sha256="0" * 64).path == "a/b..c/.d"


def test_blocks_lie_side_by_side(root: Path) -> None:
    manifest = read_manifest(root)
    block = manifest.observation_blocks[0].model_dump()
    second = block | {"name": "more", "start": 4, "stop": 5, "names": ("one",)}
    with pytest.raises(ValidationError, match="first column of block more"):
        Manifest.model_validate(manifest.model_dump() | {"observation_blocks": (block, second)})
    twice = block | {"start": 3, "stop": 6}
    with pytest.raises(ValidationError, match="names of observation blocks"):
        Manifest.model_validate(manifest.model_dump() | {"observation_blocks": (block, twice)})
