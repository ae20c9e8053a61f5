from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sources_material import Harm, change_summary, rewrite, write_database, write_description, write_harm

from gold_data.scenarionet import file_name, write_summary
from gold_data.scenarionet.pickles import read_pickle
from gold_data.sources.database_check import check_database

SUMMARY, MAPPING = "dataset_summary.pkl", "dataset_mapping.pkl"
A, B, C = (file_name(name) for name in ("0a", "0b", "0c"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("made") / "db")


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "db"))


def test_a_whole_database(root: Path) -> None:
    told: list[str] = []
    check = check_database(root, told.append)
    assert (check.scenarios, check.faults, told) == (3, (), [A, B, C])


def test_a_database_of_units(tmp_path: Path) -> None:
    for unit, names in (("train-00000", ("0a", "0b")), ("test-00000", ("0c",))):
        write_database(tmp_path / "db" / unit, names)
    write_summary(tmp_path / "db")
    assert check_database(tmp_path / "db").faults == ()
    (tmp_path / "db" / "test-00000" / C).unlink()
    assert {fault.path for fault in check_database(tmp_path / "db").faults} == {f"test-00000/{C}"}


def _empty(root: Path) -> None:
    for path in root.iterdir():
        path.unlink()
    for name in (SUMMARY, MAPPING):
        rewrite(root / name, {})


def _mapped_further(root: Path) -> None:
    rewrite(root / MAPPING, {**read_pickle(root / MAPPING), "sd_waymo_v1.2_0d.pkl": ""})


def _mapped_less(root: Path) -> None:
    mapping = read_pickle(root / MAPPING)
    del mapping[B]
    rewrite(root / MAPPING, mapping)


def _linked(root: Path) -> None:
    (root / B).rename(root.parent / B)
    (root / B).symlink_to(root.parent / B)


def _twice(root: Path) -> None:
    (root / C).write_bytes((root / A).read_bytes())
    change_summary(root, "0c", scenario_id="0a", id="0a")


@pytest.mark.parametrize(
    ("damage", "path", "said"),
    [
        (_empty, SUMMARY, "lists no scenario: the database is empty"),
        (lambda root: (root / B).unlink(), B, "is not there"),
        (lambda root: write_description(root, "0d"), file_name("0d"), "does not list it"),
        (lambda root: (root / B).write_bytes(b""), B, "it cannot be read"),
        (lambda root: (root / B).write_bytes((root / B).read_bytes()[:-99]), B, "it cannot be read"),
        (lambda root: change_summary(root, "0b", track_length=7), B, "gives it the length 7, the file itself 30"),
        (lambda root: change_summary(root, "0b", scenario_id="0z"), B, "gives it the id 0z, the file itself 0b"),
        (_mapped_further, SUMMARY, "does not list 'sd_waymo_v1.2_0d.pkl', and the mapping beside it does"),
        (_mapped_less, SUMMARY, f"lists '{B}', and the mapping beside it does not"),
        (lambda root: rewrite(root / MAPPING, dict.fromkeys((A, B, C), "../other")), SUMMARY, "leads outside"),
        (lambda root: rewrite(root / SUMMARY, [1]), SUMMARY, "is no dict by file name"),
        (_twice, C, f"holds scenario 0a, as {A} does"),
    ],
)
def test_what_is_wrong_is_named(root: Path, damage: Callable[[Path], object], path: str, said: str) -> None:
    damage(root)
    faults = check_database(root).faults
    assert [(fault.path, said in fault.reason) for fault in faults] == [(path, True)], faults


def test_a_link_is_named_and_not_followed(root: Path) -> None:
    _linked(root)
    assert [fault.path for fault in check_database(root).faults] == [B, B]
    assert {fault.reason.split("; ")[0] for fault in check_database(root).faults} == {
        "db/dataset_summary.pkl lists it, and it is not there",
        "is a link",
    }


def test_what_would_run_something_is_named_and_not_run(root: Path, tmp_path: Path) -> None:
    write_harm(root / B, tmp_path / "harm")
    (fault,) = check_database(root).faults
    assert (fault.path, "it names posix.mkdir, which is never run" in fault.reason) == (B, True)
    (root / SUMMARY).write_bytes(pickle.dumps({A: Harm(tmp_path / "harm")}))
    (fault,) = check_database(root).faults
    assert (fault.path, "it names posix.mkdir, which is never run" in fault.reason) == (SUMMARY, True)
    assert not (tmp_path / "harm").exists()
