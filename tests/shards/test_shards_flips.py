from __future__ import annotations

from pathlib import Path

import pytest
from dataset_flips import flips_found
from shards_material import make_dataset

from gold_data.shards import verify


@pytest.mark.parametrize(("number", "only"), [(25, None), (25, "manifest.json"), (5, "manifest.sha256")])
def test_every_flipped_bit_is_found(tmp_path: Path, number: int, only: str | None) -> None:
    root = make_dataset(tmp_path / "out", {"train": [[3], [2]]}, dimension=3, card="a card").root
    assert flips_found(root, number, 1, only) == (number, [])
    assert verify(root) == []
