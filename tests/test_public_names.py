"""What each room calls public, and that reading a dataset needs no simulator."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import gold_data
from gold_data import Dataset

ROOT = Path(gold_data.__file__).parent
ROOMS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
PUBLIC = [room for room in ROOMS if "__all__" in (ROOT / room / "__init__.py").read_text()]


def test_the_rooms_that_others_import_from_name_their_public_things() -> None:
    assert {"replay", "scenarionet", "shards", "synth", "womd"} <= set(PUBLIC)


@pytest.mark.parametrize("name", ["gold_data", *(f"gold_data.{room}" for room in PUBLIC)])
def test_names_are_those_that_it_imports_in_order(name: str) -> None:
    module = importlib.import_module(name)
    tree = ast.parse(Path(str(module.__file__)).read_text())
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("gold_data")
        for alias in node.names
    }
    assert set(module.__all__) == imported
    assert list(module.__all__) == sorted(module.__all__)
    for public in module.__all__:
        assert getattr(module, public).__doc__ or not callable(getattr(module, public)), public


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in PUBLIC])
def test_a_room_without_public_names_offers_none(room: str) -> None:
    tree = ast.parse((ROOT / room / "__init__.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported <= {"annotations", "check_machine"}


def test_convert_is_the_function_however_often_it_is_asked_for() -> None:
    from gold_data import convert
    from gold_data.conversion.job import convert as of_the_job

    importlib.import_module("gold_data.conversion.job")
    assert convert is gold_data.convert is of_the_job
    with pytest.raises(AttributeError, match="has no attribute 'convertt'"):
        _ = gold_data.convertt


def test_every_error_is_one_that_a_command_answers() -> None:
    from gold_data import errors

    kinds = [value for value in vars(errors).values() if isinstance(value, type)]
    assert len(kinds) >= 8
    assert all(issubclass(kind, gold_data.GoldDataError) for kind in kinds)
    assert {kind.exit_code for kind in kinds if issubclass(kind, gold_data.GoldDataError)} == {1, 2}
    assert all(f"{kind.__name__} " in str(errors.__doc__) for kind in kinds)


READER = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in set(sys.argv[2].split()):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from gold_data import ConvertSettings, Dataset, GoldDataError, Trajectory, Windows, open_dataset, windows
from gold_data.shards import verify
dataset = open_dataset(sys.argv[1])
assert verify(dataset.root) == []
batch = windows(dataset, "train", length=5).batch(0)
print(dataset.digest)
"""


def test_a_dataset_is_read_where_no_simulator_is_installed(converted: Dataset, tmp_path: Path) -> None:
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["project"]
    extras = [*project["optional-dependencies"]["simulate"], *project["optional-dependencies"]["train"]]
    names = {text.partition("=")[0].partition(">")[0] for text in extras} - {"metadrive-simulator"}
    absent = " ".join({*names, "metadrive", "panda3d", "direct"})
    assert {"dask", "distributed", "torch", "numba"} <= set(absent.split())
    done = subprocess.run(
        [sys.executable, "-c", READER, str(converted.root), absent],
        capture_output=True,
        text=True,
        check=False,
        env={"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [converted.digest]
