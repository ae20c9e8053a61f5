"""The metrics for TensorBoard, where that is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gold_data.errors import SettingsError

AddRow = Callable[[Mapping[str, Any]], None]


def board_writer() -> Any:
    """TensorBoard's class for writing. Raises SettingsError where it is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise SettingsError(
            "training.tensorboard: TensorBoard is not installed; pip install tensorboard, or leave it out"
        ) from error
    return SummaryWriter


def open_board(folder: Path, step: int) -> AddRow:
    """What takes rows of metrics and writes their numbers below `folder`; what is there from `step` on is replaced.

    Raises SettingsError where TensorBoard is not installed.
    """
    writer = board_writer()(str(folder), purge_step=step)

    def add(row: Mapping[str, Any]) -> None:
        for name, value in row.items():
            if name not in ("step", "kind"):
                writer.add_scalar(f"{row['kind']}/{name}", value, row["step"])
        writer.flush()

    return add
