"""Known answer K30 in the exported forms, and what stands beside them."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from gold_data.errors import OutputError, SettingsError
from gold_data.shards import ObservationBlock
from gold_train import cli
from gold_train import export as exporting
from gold_train.checkpoint import BEST, save_policy
from gold_train.export import DATA_LICENCE, FILES, FORMATS, LARGEST, TOY_LICENCE, description, export
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.policies.student import Student
from gold_train.settings import CloningRun, CvpoRun, IqlRun, RunSettings, StudentSettings, transformer_run

torch.set_num_threads(1)

OBSERVATIONS = np.cos(0.9 * np.arange(3)[:, None] + np.arange(5)).astype(np.float32)
K30 = [[0.1845610728, 0.5027016451], [0.2640148573, 0.6864368282], [0.07468070868, 0.5988744821]]
NARROW = StudentSettings(hidden=(16, 16))
RUNS: list[RunSettings] = [CloningRun(model=NARROW), IqlRun(model=NARROW), CvpoRun(model=NARROW)]


def block(size: int = 5, start: int = 0, name: str = "ego") -> ObservationBlock:
    names = tuple(f"n{number}" for number in range(size))
    return ObservationBlock(name=name, start=start, stop=start + size, names=names, digest="0" * 64)


def policy(settings: RunSettings, mean: float = 0.0, std: float = 1.0) -> Policy:
    """K30's formula for weights; what spreads the actions has no part in it."""
    normaliser = Normaliser(torch.full((5,), mean), torch.full((5,), std), 1e-2, 10.0)
    network = make_network(settings, normaliser, 5, 2)
    linear = [part for name, part in network.named_parameters() if not name.startswith("log_std")]
    for number, part in enumerate(linear):
        part.data = (0.3 * torch.sin(0.7 * torch.arange(part.numel()) + 1.3 * number)).reshape(part.shape)
    return Policy(network, settings, (block(),), Lineage("m", "s", "0", guide_kind="dt"), 7, np.zeros(101))


def written(folder: Path, one: Policy) -> Path:
    folder.mkdir()
    save_policy(folder / BEST, one)
    return folder


def acted(path: Path, observations: NDArray[np.float32]) -> NDArray[np.float32]:
    """By the other program's own means."""
    if path.suffix == ".pt":
        load: Callable[[str], Callable[[torch.Tensor], torch.Tensor]] = torch.jit.load
        return load(str(path))(torch.from_numpy(observations)).numpy()
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["actions"], {"observations": observations})[0])


@pytest.mark.parametrize("settings", RUNS, ids=lambda settings: settings.kind)
def test_k30_of_every_student_in_both_forms(settings: RunSettings, tmp_path: Path) -> None:
    done = export(written(tmp_path / "run", policy(settings)), tmp_path / "out")
    assert [one.path.name for one in done] == list(FILES.values())
    for one, name in zip(done, FORMATS, strict=True):
        np.testing.assert_allclose(acted(one.path, OBSERVATIONS), K30, atol=1e-6)
        assert one.difference <= LARGEST[name]


def test_scaling_is_inside(tmp_path: Path) -> None:
    run = written(tmp_path / "run", policy(CloningRun(model=NARROW), mean=3.0, std=2.0))
    for one in export(run, tmp_path / "out"):
        np.testing.assert_allclose(acted(one.path, 3.0 + 2.0 * OBSERVATIONS), K30, atol=1e-6)


def test_what_stands_beside_it(tmp_path: Path) -> None:
    made = replace(policy(IqlRun(model=NARROW)), blocks=(block(2, start=10, name="lidar"), block(3, name="ego")))
    run = written(tmp_path / "run", made)
    done = export(run, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "student.json").read_text())
    assert told["checkpoint"]["sha256"] == hashlib.sha256((run / BEST).read_bytes()).hexdigest()
    for one in done:
        assert told["files"][one.path.name]["sha256"] == hashlib.sha256(one.path.read_bytes()).hexdigest()
    assert told["input"]["columns"] == [10, 11, 0, 1, 2]
    assert told["input"]["names"] == ["lidar.n0", "lidar.n1", "ego.n0", "ego.n1", "ego.n2"]
    assert [each["digest"] for each in told["input"]["blocks"]] == ["0" * 64] * 2
    assert told["output"]["meaning"][0] == "steering, left positive"
    assert told["lineage"]["guide_kind"] == "dt"
    assert told["settings"]["kind"] == "iql"
    assert DATA_LICENCE in told["licence"]
    assert "Apache-2.0" in told["licence"]


def test_the_toy_is_nobodys_data(tmp_path: Path) -> None:
    made = replace(policy(CloningRun(model=NARROW)), blocks=(block(4, name="point"), block(1, 4, name="front")))
    told = description(made, written(tmp_path / "run", made) / BEST, [])
    assert told["licence"].endswith(TOY_LICENCE)
    assert told["output"]["meaning"] == ["push along x", "push along y"]


def test_a_guide_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="only students are exported"):
        export(written(tmp_path / "run", policy(transformer_run("toy"))), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_the_library_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnx" else find(name))
    run = written(tmp_path / "run", policy(CloningRun(model=NARROW)))
    with pytest.raises(SettingsError, match=r"onnx is not installed; pip install 'gold-data\[export\]'"):
        export(run, tmp_path / "out")
    assert [one.path.name for one in export(run, tmp_path / "out", ["torchscript"])] == ["student.pt"]
    with pytest.raises(SettingsError, match="choose torchscript or onnx"):
        export(run, tmp_path / "out", ["npz"])


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_acts_otherwise_is_not_given_out_as_the_student(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = policy(CloningRun(model=NARROW))
    other = policy(CloningRun(model=NARROW), mean=1e-3)
    write = exporting._torchscript if name == "torchscript" else exporting._onnx
    monkeypatch.setattr(exporting, write.__name__, lambda network: write(_student(other.network).eval()))
    with pytest.raises(OutputError, match="acts otherwise than the network"):
        export(written(tmp_path / "run", made), tmp_path / "out", [name])


def _student(network: nn.Module) -> Student:
    assert isinstance(network, Student)
    return network


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        export(written(tmp_path / "run", policy(CloningRun(model=NARROW))), tmp_path / "out")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run = written(tmp_path / "run", policy(CloningRun(model=NARROW)))
    line = ["gold-train", "export", str(run), "--out", str(tmp_path / "out"), "--format", "torchscript"]
    monkeypatch.setattr(sys, "argv", line)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    assert "student.pt: acts as the network does" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["student.json", "student.pt"]
