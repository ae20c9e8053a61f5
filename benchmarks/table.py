"""All rows as one table for eyes."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from rich.table import Table

from benchmarks.row import Row

WIDTH = 150


def table(machine: dict[str, Any], rows: Sequence[Row]) -> Table:
    """A line a row; a rate is the median of its samples, a ratio the median of the pairs' with its range."""
    load = " ".join(f"{each:.1f}" for each in machine["load"])
    versions = ", ".join(f"{name} {number}" for name, number in machine["packages"].items() if number)
    shown = Table(
        title=f"{machine['cpu']}; {machine['cores']} cores, {machine['memory_gb']} GB; load {load} before",
        caption=f"commit {machine['commit']}; Python {machine['python']}, {versions}",
        title_justify="left",
        caption_justify="left",
    )
    for name in ("", "rate", "unit", "reference", "its rate", "ratio", "least to most", "pairs", "beside"):
        shown.add_column(name, justify="right" if name in ("rate", "its rate", "ratio", "pairs") else "left")
    for row in rows:
        ratios = row.ratios
        shown.add_row(
            row.what,
            short(median(row.ours)),
            row.unit,
            row.reference,
            short(median(row.theirs)),
            short(median(ratios)),
            f"{short(min(ratios))} to {short(max(ratios))}",
            str(len(ratios)),
            ", ".join(f"{name} {value}" for name, value in row.beside.items()),
        )
    return shown


def short(value: float) -> str:
    """A number to three digits, thousands apart."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
