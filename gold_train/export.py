"""A student as a file that other programs run: TorchScript and ONNX, its scaling inside (algorithms 2.7, K30)."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from gold_data.errors import OutputError, SettingsError
from gold_data.shards import write_whole_file
from gold_train.checkpoint import BEST, load_policy
from gold_train.environments.point_mass import BLOCKS as TOY
from gold_train.policies.network import action_size
from gold_train.policies.policy import Policy
from gold_train.policies.student import Student

TORCHSCRIPT, ONNX = "torchscript", "onnx"
FORMATS: Final = (TORCHSCRIPT, ONNX)
FILES: Final[Mapping[str, str]] = {TORCHSCRIPT: "student.pt", ONNX: "student.onnx"}
DESCRIPTION: Final = "student.json"
LARGEST: Final[Mapping[str, float]] = {TORCHSCRIPT: 1e-6, ONNX: 1e-5}
"""What an action may be off the network's own: another runtime adds up in another order."""
OPSET = 17
ROWS = (1, 7, 256)
"""Of the batches that are compared."""

CODE_LICENCE = "The code that runs in it is under Apache-2.0."
DATA_LICENCE = (
    "The weights are made from the Waymo Open Motion Dataset, so the Waymo Dataset License Agreement for "
    "Non-Commercial Use (https://waymo.com/open/terms) applies to them."
)
TOY_LICENCE = "The weights are made from episodes of the toy, which are under Apache-2.0 too."

Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True)
class Exported:
    """One file that was written, loaded back and held against the network."""

    path: Path
    difference: float  # largest, of an action


def export(run: Path, out: Path, formats: Sequence[str] = FORMATS) -> list[Exported]:
    """Write the student of a run's folder (its best) or of a file to the folder `out`, with student.json beside it.

    Each file takes raw observations (N, D) float32, the columns that student.json names, and gives mean actions (N, A)
    in [-1, 1]. It is loaded back, and its actions are compared with the network's on random observations and on such as
    the training had. Raises CheckpointError for what is no policy, SettingsError for a guide, a format that there is
    not and one whose library is not installed, OutputError for what cannot be written or acts otherwise.
    """
    for name in formats:
        _check_format(name)
    policy = load_policy(run)
    if not isinstance(policy.network, Student):
        raise SettingsError(
            f"{run}: is a Decision Transformer, which remembers an episode; only students are exported, "
            "as `gold-train bc` and `gold-train distill` train them."
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot be made ({error.strerror}); choose another place") from error
    network = policy.network.eval().requires_grad_(requires_grad=False)
    done = [_written(network, name, out / FILES[name]) for name in formats]
    described = description(policy, run / BEST if run.is_dir() else run, done)
    write_whole_file(out / DESCRIPTION, (json.dumps(described, indent=1) + "\n").encode())
    return done


def description(policy: Policy, checkpoint: Path, files: Sequence[Exported]) -> dict[str, Any]:
    """What a program has to know that runs the files: plain data."""
    toy = {block.name for block in policy.blocks} <= {block.name for block in TOY}
    columns = [column for block in policy.blocks for column in range(block.start, block.stop)]
    return {
        "checkpoint": {"file": checkpoint.name, "sha256": _sha256(checkpoint), "step": policy.step},
        "files": {one.path.name: {"sha256": _sha256(one.path), "difference": one.difference} for one in files},
        "input": {
            "name": "observations",
            "shape": ["N", len(columns)],
            "dtype": "float32",
            "meaning": "raw numbers of an observation: scaling is inside",
            "columns": columns,
            "names": [f"{block.name}.{name}" for block in policy.blocks for name in block.names],
            "blocks": [block.model_dump(mode="json") for block in policy.blocks],
        },
        "output": {
            "name": "actions",
            "shape": ["N", action_size(policy.network)],
            "dtype": "float32",
            "low": -1.0,
            "high": 1.0,
            "meaning": ["push along x", "push along y"]
            if toy
            else ["steering, left positive", "throttle, negative brakes"],
        },
        "settings": policy.settings.model_dump(mode="json"),
        "lineage": asdict(policy.lineage),
        "licence": f"{CODE_LICENCE} {TOY_LICENCE if toy else DATA_LICENCE}",
    }


def _check_format(name: str) -> None:
    if name not in FORMATS:
        raise SettingsError(f"--format {name}: choose {' or '.join(FORMATS)}.")
    lacking = [library for library in ("onnx", "onnxruntime") if importlib.util.find_spec(library) is None]
    if name == ONNX and lacking:
        raise SettingsError(
            f"--format onnx: {' and '.join(lacking)} is not installed; pip install 'gold-data[export]', or choose "
            "--format torchscript."
        )


def _written(network: Student, name: str, path: Path) -> Exported:
    content = (_torchscript if name == TORCHSCRIPT else _onnx)(network)
    write_whole_file(path, content)
    run = (_torchscript_run if name == TORCHSCRIPT else _onnx_run)(path)
    difference = largest_difference(network, run)
    if not difference <= LARGEST[name]:
        raise OutputError(
            f"{path}: acts otherwise than the network by {difference:.2g}, more than {LARGEST[name]:g}; leave this "
            "format out, or install the versions of constraints.txt"
        )
    return Exported(path, difference)


def largest_difference(network: Student, run: Run) -> float:
    """The largest of an action between the network and a file that runs, over observations of several kinds."""
    largest = 0.0
    for observations in _observations(network):
        with torch.inference_mode():
            own = network(torch.from_numpy(observations)).numpy()
        given = run(observations)
        if given.shape != own.shape or not np.isfinite(given).all():
            return float("inf")
        largest = max(largest, float(np.abs(given - own).max()))
    return largest


def _observations(network: Student) -> list[NDArray[np.float32]]:
    """Random ones in [0, 1], such as the training had, and such as are clipped, in batches of several sizes."""
    mean, std = network.normaliser.mean.numpy(), network.normaliser.std.numpy()
    random = np.random.default_rng(0)
    made = []
    for rows in ROWS:
        drawn = random.standard_normal((rows, len(mean)))
        made += [random.random(drawn.shape), mean + drawn * std, mean + 100.0 * drawn * np.maximum(std, 0.01)]
    return [observations.astype(np.float32) for observations in made]


def _torchscript(network: Student) -> bytes:
    content = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.trace(network, _example(network)), content)  # type: ignore[no-untyped-call]
    return content.getvalue()


def _torchscript_run(path: Path) -> Run:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        loaded = torch.jit.load(str(path))  # type: ignore[no-untyped-call]

    def run(observations: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            actions: NDArray[np.float32] = loaded(torch.from_numpy(observations)).numpy()
        return actions

    return run


def _onnx(network: Student) -> bytes:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        path = Path(folder) / FILES[ONNX]
        # The exporter that needs no further library; what it is to be replaced by asks for one.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network,
            (_example(network),),
            path,
            dynamo=False,
            input_names=["observations"],
            output_names=["actions"],
            dynamic_axes={"observations": {0: "N"}, "actions": {0: "N"}},
            opset_version=OPSET,
        )
        return path.read_bytes()


def _onnx_run(path: Path) -> Run:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def run(observations: NDArray[np.float32]) -> NDArray[np.float32]:
        actions: NDArray[np.float32] = session.run(None, {"observations": observations})[0]
        return actions

    return run


def _example(network: Student) -> torch.Tensor:
    return torch.zeros(2, len(network.normaliser.mean))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
