"""TensorBoard: asked for and not there, or there."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from gold_data.errors import SettingsError
from gold_train.runs.board import open_board


def test_where_it_is_not_installed_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(SettingsError, match="pip install tensorboard, or leave it out"):
        open_board(tmp_path, 0)


def test_numbers_are_written_under_their_kind_and_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[object] = []

    class SummaryWriter:
        def __init__(self, folder: str, purge_step: int) -> None:
            written.append((folder, purge_step))

        def add_scalar(self, name: str, value: float, step: int) -> None:
            written.append((name, value, step))

        def flush(self) -> None:
            written.append("flushed")

    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = SummaryWriter  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    add = open_board(tmp_path, 7)
    add({"step": 8, "kind": "train", "loss": 0.5})
    assert written == [(str(tmp_path), 7), ("train/loss", 0.5, 8), "flushed"]
