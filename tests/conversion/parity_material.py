"""Drives and rows of a parity check, made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gold_data.conversion.parity_rows import COMPARED, ParityRow
from gold_data.replay.parity import Agreement, DriveParity, Off, Stretch

BLOCKS = ("side", "ego", "navigation_stock", "lidar", "navigation", "pace", "reward", "cost")


def stretch(frames: int, **off: Off) -> Stretch:
    """A part of a drive in which the engines agree, but for what is named."""
    values = {name: Off(1000) for name in BLOCKS} | off
    agreement = Agreement(neither=frames)
    return Stretch(values, agreement, agreement, agreement)


def drive(kind: str = "tracker", **changes: Any) -> DriveParity:
    """A drive of 90 steps without a contact in which the engines agree, but for what is named."""
    same = DriveParity(
        drive=kind,
        steps=90,
        first_contact=None,
        before=stretch(90),
        after=Stretch({name: Off() for name in BLOCKS}, Agreement(), Agreement(), Agreement()),
        position=(0.0,) * 91,
        heading=(0.0,) * 91,
        arrived_before=(True, True),
        arrived=(True, True),
    )
    return replace(same, **changes)


def row(*drives: DriveParity, **changes: Any) -> ParityRow:
    """A row of these drives."""
    given = {"outcome": COMPARED, "scenario": "0a", "source": "a", "offset": 0, "ego": "1", "drives": drives}
    return ParityRow(**given | changes)
