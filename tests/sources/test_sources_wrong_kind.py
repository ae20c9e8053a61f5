from __future__ import annotations

import gzip
import json
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gold_data.errors import SourceError
from gold_data.sources import find_sources
from gold_data.womd.protobuf import ScenarioMessage
from gold_data.womd.tfrecord import Damage, Frame, scan, write_records


def delimited(number: int, payload: bytes) -> bytes:
    """A field with a payload of fewer than 128 bytes."""
    assert len(payload) < 128
    return bytes((8 * number + 2, len(payload))) + payload


def tf_example(key: bytes) -> bytes:
    """A tf.Example with one feature: Example.features.feature is a map from key to Feature."""
    entry = delimited(1, key) + delimited(2, delimited(2, delimited(1, bytes(40))))
    return delimited(1, delimited(1, entry))


def tarred(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        archive.add(Path(__file__), "x")


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", "x")


WRONG: list[tuple[str, bytes | Callable[[Path], None], str]] = [
    ("empty", b"", "is empty"),
    ("lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "git lfs pull"),
    ("html", b"\n<!DOCTYPE html>\n<html><head>", "web page"),
    ("xml", b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "server's answer"),
    ("gpudrive", json.dumps({"name": "x", "objects": []}).encode(), "gpudrive scenario"),
    ("json", b'{"a": 1}', "is a JSON file"),
    ("pickle", pickle.dumps([1, 2]), "Python pickle"),
    ("gzip", gzip.compress(b"x"), r"unpack it with: gunzip < \S*gzip\.tfrecord > "),
    ("zip", zipped, "zip archive"),
    ("tar", tarred, "tar archive"),
    ("noise", np.random.default_rng(0).bytes(5000), "holds no TFRecord records"),
    ("zeros", bytes(5000), "holds no TFRecord records"),
    ("events", lambda path: write_records(path, [b"\x09" + bytes(8) + delimited(3, b"brain.Event:2")]), "TensorBoard"),
    ("motion", lambda path: write_records(path, [tf_example(b"roadgraph_samples/xyz")]), "`scenario` folder"),
    ("example", lambda path: write_records(path, [tf_example(b"label")]), "holds tf.Examples"),
    ("frames", lambda path: write_records(path, [delimited(1, b"") + b"\x10\x05"]), "another kind than Scenario"),
]


@pytest.mark.parametrize(("kind", "content", "says"), WRONG, ids=[kind for kind, _, _ in WRONG])
def test_each_kind_is_named(tmp_path: Path, kind: str, content: bytes | Callable[[Path], None], says: str) -> None:
    path = tmp_path / f"{kind}.tfrecord"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content(path)
    for argument in (path, tmp_path, tmp_path / "*"):
        with pytest.raises(SourceError, match=says) as error:
            find_sources([str(argument)])
        assert str(error.value).startswith(str(path))
    hidden = path.rename(tmp_path / kind)
    with pytest.raises(SourceError, match="leads to no TFRecord files and no ScenarioNet pickles"):
        find_sources([str(tmp_path)])
    with pytest.raises(SourceError, match=says.replace(r"gzip\.tfrecord", "gzip")):
        find_sources([str(hidden)])


def test_a_gzip_file_is_told_its_own_command(tmp_path: Path) -> None:
    (tmp_path / "x.tfrecord.gz").write_bytes(gzip.compress(b"x"))
    with pytest.raises(SourceError, match=r"unpack it with: gunzip \S*/x\.tfrecord\.gz$"):
        find_sources([str(tmp_path)])


def scenario() -> bytes:
    message = ScenarioMessage(scenario_id="a", timestamps_seconds=[0.1 * step for step in range(91)])
    message.tracks.add().states.add(center_x=1.0)
    data: bytes = message.SerializeToString()
    return data


@pytest.mark.parametrize("damage", ["length", "data", "cut", "cut in the header"])
def test_a_damaged_start_is_damage_and_no_wrong_kind(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "x.tfrecord"
    write_records(path, [scenario(), scenario()])
    file = bytearray(path.read_bytes())
    if damage == "length":
        file[0] ^= 1
    elif damage == "data":
        file[12] ^= 0xFF
    else:
        del file[800 if damage == "cut" else len(file) // 2 + 5 :]
    path.write_bytes(file)
    assert len(find_sources([str(path)])) == 1
    assert {type(item) for item in scan(bytes(file))} == ({Damage} if damage == "cut" else {Damage, Frame})
