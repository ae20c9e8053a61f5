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


@pytest.mark.parametrize("actor", ["awr", "pathwise"])
def test_the_guided_student_drives_and_is_safer_than_one_alone(
    actor: str, toy: Dataset, guides: list[Path], tmp_path: Path
) -> None:
    policies = []
    for seed, guide in zip(SEEDS, guides, strict=True):
        settings = with_changes(online_run("iql", "toy"), {"learner.actor": actor, "training.seed": str(seed)})
        for name, whom in (("guided", guide), ("alone", None)):
            distill(toy.root, whom, tmp_path / f"{name}_{seed}", settings, console=QUIET)
            policies.append(tmp_path / f"{name}_{seed}" / LAST)
    reached = _figures(toy, [*guides, *policies], tmp_path / "results")
    leaders, guided, alone = reached[: len(SEEDS)], reached[len(SEEDS) :: 2], reached[len(SEEDS) + 1 :: 2]
    good = [own["success"] >= 0.9 and own["cost"] < other["cost"] for own, other in zip(guided, alone, strict=True)]
    assert sum(good) >= 2, (guided, alone)
    if actor == "pathwise":
        safer = [own["cost"] < leader["cost"] / 2 for own, leader in zip(guided, leaders, strict=True)]
        assert sum(safer) >= 2, (guided, leaders)
