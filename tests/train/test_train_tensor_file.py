"""Tensors and JSON come back to the bit; anything else is refused in one sentence, and nothing of it is run."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from gold_data.errors import OutputError
from gold_train.errors import CheckpointError
from gold_train.tensor_file import FORMAT, KEY, read_tensor_file, write_tensor_file

CONTENT = {"step": 3, "names": ["å", "b"], "rate": 0.1}
TENSORS = {
    "weight": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "scalar": torch.tensor(7.0),
    "none": torch.zeros(0),
    "half": torch.full((3,), 0.5, dtype=torch.bfloat16),
    "turned": torch.arange(6).reshape(2, 3).t(),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_tensor_file(tmp_path / "file.safetensors", CONTENT, TENSORS)
    return tmp_path / "file.safetensors"


def test_all_comes_back(path: Path) -> None:
    content, tensors = read_tensor_file(path)
    assert content == CONTENT
    assert set(tensors) == set(TENSORS)
    for name, tensor in TENSORS.items():
        assert tensors[name].dtype == tensor.dtype
        assert torch.equal(tensors[name], tensor)


def test_same_content_same_bytes(path: Path) -> None:
    before = path.read_bytes()
    write_tensor_file(path, dict(reversed(CONTENT.items())), dict(reversed(TENSORS.items())))
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_anywhere_is_found(data: st.DataObject, path: Path) -> None:
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = bytearray(whole)
    damaged[place] ^= 1 << data.draw(st.integers(0, 7))
    other = path.with_name("damaged.safetensors")
    other.write_bytes(damaged)
    with pytest.raises(CheckpointError, match=r"damaged.safetensors: "):
        read_tensor_file(other)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_cut_anywhere_is_found(data: st.DataObject, path: Path) -> None:
    whole = path.read_bytes()
    other = path.with_name("cut.safetensors")
    other.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(CheckpointError, match="take another copy"):
        read_tensor_file(other)


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("form", ["pickle", "torch"])
def test_what_would_run_is_not_run(form: str, tmp_path: Path) -> None:
    path, ran = tmp_path / "policy.safetensors", tmp_path / "ran"
    if form == "pickle":
        path.write_bytes(pickle.dumps(Bomb(ran)))
    else:
        torch.save({"weight": torch.zeros(2), "bomb": Bomb(ran)}, path)
    with pytest.raises(CheckpointError, match="nothing of it was run"):
        read_tensor_file(path)
    assert not ran.exists()
    pickle.loads(pickle.dumps(Bomb(ran)))
    assert ran.exists()  # it is one that runs


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "of something else"),
        ({"format": "pt"}, "of something else"),
        ([], "of something else"),
        ({"format": FORMAT, "format_version": 99}, "format version 99 and this gold-train reads 1"),
        ({"format": FORMAT, "format_version": 1}, "the digest that it says"),
        ({"format": FORMAT, "format_version": 1, "content": {}, "digest": "0" * 64}, "the digest that it says"),
    ],
)
def test_foreign_files_are_told(header: object, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(2)}, path, None if header is None else {KEY: json.dumps(header)})
    with pytest.raises(CheckpointError, match=reason):
        read_tensor_file(path)


def test_places_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no such checkpoint"):
        read_tensor_file(tmp_path / "nothing")
    with pytest.raises(CheckpointError, match="no whole safetensors file"):
        read_tensor_file(tmp_path)
    with pytest.raises(OutputError, match="cannot be written"):
        write_tensor_file(tmp_path / "nowhere" / "file", CONTENT, TENSORS)
