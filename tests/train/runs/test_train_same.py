"""Going on is refused with another dataset, and says what changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gold_data.shards import ObservationBlock
from gold_train.errors import CheckpointError
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.policies.student import Student
from gold_train.runs.same import hold_origin
from gold_train.settings import CloningRun, StudentSettings

RUN = Path("runs/guide")
BLOCKS = tuple(
    ObservationBlock(name=name, start=start, stop=start + 1, names=(name,), digest=f"{start:064x}")
    for start, name in enumerate(("ego", "pace"))
)
NETWORK = Student(StudentSettings(hidden=(2,)), Normaliser(torch.zeros(2), torch.ones(2), 0.01, 10.0), 2, 2)
WAS = Policy(NETWORK, CloningRun(), BLOCKS, Lineage("a" * 64, "b" * 64, "0.1.0"), 0, np.zeros(101))


def test_the_same_goes_on() -> None:
    hold_origin(RUN, WAS, WAS.lineage, WAS.blocks)


def test_another_dataset_is_refused_by_each_part_that_differs() -> None:
    lineage = replace(WAS.lineage, manifest="c" * 64, gold_data_version="9")
    with pytest.raises(CheckpointError, match=r"another dataset or guide than these: manifest a{12} -> c{12}; give"):
        hold_origin(RUN, WAS, lineage, WAS.blocks)
    changed = (WAS.blocks[0], WAS.blocks[1].model_copy(update={"digest": "d" * 64}))
    other = replace(WAS.lineage, statistics="e" * 64)
    with pytest.raises(CheckpointError, match=r"statistics b{12} -> e{12}; block pace 0{12} -> d{12}; give"):
        hold_origin(RUN, WAS, other, changed)
    with pytest.raises(CheckpointError, match=r"block pace 0{12} -> none"):
        hold_origin(RUN, WAS, WAS.lineage, WAS.blocks[:1])


def test_another_guide_is_refused() -> None:
    with pytest.raises(CheckpointError, match=r"guide none -> f{12}; give"):
        hold_origin(RUN, WAS, replace(WAS.lineage, guide="f" * 64, guide_kind="dt"), WAS.blocks)
