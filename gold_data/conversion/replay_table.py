"""What a replay check found, as a table that fits 80 columns."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gold_data.conversion.replay_rows import ReplaySummary
from gold_data.replay.fidelity import MAX_HEADING_ERROR, MAX_POSITION_ERROR, NOT_COMPARED, REASONS, Reason


def replay_table(summary: ReplaySummary) -> RenderableType:
    """Counts, worst errors, what is wrong and what is exempt; print it with `crop=False`: places may be long."""
    worst = (
        ("position error", "m", summary.worst_position, MAX_POSITION_ERROR),
        ("heading error", "rad", summary.worst_heading, MAX_HEADING_ERROR),
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("replays")
    table.add_column(f"{summary.outcomes.total():,}", justify="right")
    for outcome, count in sorted(summary.outcomes.items()):
        table.add_row(f"  {outcome}", f"{count:,}")
    table.add_row("objects compared", f"{summary.objects:,}")
    table.add_row("their steps", f"{summary.steps:,}")
    for name, unit, (error, _), limit in worst:
        table.add_row(f"largest {name} (limit {limit:g} {unit})", f"{error:.2e} {unit}")
    table.add_row("float32 of ScenarioNet's format beside the record", f"up to {summary.rounding:.2e} m")
    for fault in sorted({fault for fault, _ in summary.faults}):
        table.add_row(f"breach: {fault}", f"{summary.faults[fault, 'objects']:,} objects")
        table.add_row("  their steps", f"{summary.faults[fault, 'steps']:,}")
    notes = [
        f"{reason}: {REASONS[reason]} ({summary.reasons[reason, 'objects']:,} objects, "
        f"{summary.reasons[reason, 'steps']:,} steps)"
        for reason in Reason
        if summary.reasons[reason, "objects"]
    ]
    notes += [f"not compared: {what}" for what in NOT_COMPARED]
    lines = [Text(line, no_wrap=True, overflow="ignore") for line in (*summary.shown, *notes)]
    return Group(table, Text(), *lines)
