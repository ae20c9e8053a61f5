"""What each stage took, and what it made: for eyes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from rich.filesize import decimal
from rich.table import Table

from pipelines.workplace import Made


def table_of(made: Sequence[Made]) -> Table:
    """A row a stage, and their sum; RSS is that of the largest process."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("stage")
    for title in ("exit code", "time", "CPU", "peak RSS", "size"):
        table.add_column(title, justify="right")
    for one in made:
        table.add_row(
            one.stage,
            str(one.exit_code),
            duration(one.wall_seconds),
            duration(one.cpu_seconds),
            decimal(one.peak_rss_bytes),
            decimal(one.size_bytes),
        )
    table.add_section()
    table.add_row(
        "all",
        "",
        duration(sum(one.wall_seconds for one in made)),
        duration(sum(one.cpu_seconds for one in made)),
        decimal(max(one.peak_rss_bytes for one in made)),
        decimal(sum(one.size_bytes for one in made)),
    )
    return table


def duration(seconds: float) -> str:
    """Seconds as text: "7.3 s" below a minute, "1:02:03" from there on."""
    return f"{seconds:.1f} s" if seconds < 59.95 else str(timedelta(seconds=round(seconds)))
