"""The toy of algorithms 3.2 as acceptance: a guided student drives, and is safer than one that learned alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from rich.console import Console

from gold_data import Dataset
from gold_data.settings import with_changes
from gold_train.environments.toy_dataset import ToySettings, write_toy
from gold_train.evaluation.job import evaluate
from gold_train.offline.job import train
from gold_train.online.job import distill
from gold_train.runs.folder import LAST
from gold_train.settings import online_run, transformer_run

torch.set_num_threads(1)
QUIET = Console(quiet=True)
SEEDS = (0, 1, 2)
PATHWISE = {"learner.actor": "pathwise", "learner.layer_norm": "true", "learner.cost_weight": "1.0"}


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_toy(tmp_path_factory.mktemp("toy") / "dataset", ToySettings(train=150, validation=20, test=200))


@pytest.fixture(scope="module")
def guides(toy: Dataset, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    made = []
    for seed in SEEDS:
        run = tmp_path_factory.mktemp("guides") / str(seed)
        train(toy.root, run, with_changes(transformer_run("toy"), {"training.seed": str(seed)}), console=QUIET)
        made.append(run)
    return made


def _figures(toy: Dataset, policies: list[Path], out: Path) -> list[dict[str, float]]:
    found = evaluate(policies, toy.root, out, anchors=False, console=QUIET)
    return [{name: figure.mean for name, figure in one.strata["all"].figures.items()} for one in found.contenders]


def _students(
    toy: Dataset, guides: list[Path], changes: dict[str, str], runs: Path
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """What the last students of each seed come to, those that were guided and those that learned alone."""
    policies = []
    for seed, guide in zip(SEEDS, guides, strict=True):
        settings = with_changes(online_run("iql", "toy"), {"training.seed": str(seed)} | changes)
        for name, whom in (("guided", guide), ("alone", None)):
            distill(toy.root, whom, runs / f"{name}_{seed}", settings, console=QUIET)
            policies.append(runs / f"{name}_{seed}" / LAST)
    reached = _figures(toy, policies, runs / "results")
    return reached[::2], reached[1::2]


def test_the_guided_student_drives_and_is_safer_than_one_alone(
    toy: Dataset, guides: list[Path], tmp_path: Path
) -> None:
    guided, alone = _students(toy, guides, {}, tmp_path)
    good = [own["success"] >= 0.9 and own["cost"] < other["cost"] for own, other in zip(guided, alone, strict=True)]
    assert sum(good) >= 2, (guided, alone)


def test_who_climbs_the_critics_arrives_more_often_when_guided(
    toy: Dataset, guides: list[Path], tmp_path: Path
) -> None:
    guided, alone = _students(toy, guides, PATHWISE, tmp_path)
    assert sum(own["success"] for own in guided) > sum(own["success"] for own in alone) + 0.3, (guided, alone)
