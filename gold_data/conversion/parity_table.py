"""What a parity check found, as tables that fit 100 columns."""

from __future__ import annotations

from collections.abc import Callable

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gold_data.conversion.parity_limits import AFTER, BEFORE, Finding, Limit, findings, quantile
from gold_data.conversion.parity_rows import CONTACT_STEPS, FREE_STEPS, DriveTotals, ParitySummary, StretchTotals
from gold_data.replay.both_engines import DRIVES
from gold_data.replay.parity import Agreement, Off


def parity_table(summary: ParitySummary) -> RenderableType:
    """Limits first, then every block, flag and error by kind of drive; print it with `crop=False`."""
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(summary.outcomes.items()))
    shown = [Text(line, no_wrap=True, overflow="ignore") for line in summary.shown]
    parts: list[RenderableType] = [Text(f"scenarios: {outcomes}"), *shown]
    if summary.drives:
        kinds = [kind for kind in DRIVES if kind in summary.drives]
        columns = {kind: summary.drives[kind] for kind in kinds} | {"all": summary.all_drives()}
        held = findings(summary)
        parts += [Text(), _limits("before the first contact", BEFORE, held, columns)]
        parts += [Text(), _limits("after the first contact", AFTER, held, columns)]
        for title, of in _STRETCHES.items():
            parts += [Text(), _values(title, of, columns), Text(), _flags(title, of, columns)]
        parts += [Text(), _errors(columns)]
    return Group(*parts)


_STRETCHES: dict[str, Callable[[DriveTotals], StretchTotals]] = {
    "before": lambda drives: drives.before,
    "after": lambda drives: drives.after,
}


def _table(title: str, *columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(title, no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _limits(title: str, limits: tuple[Limit, ...], held: tuple[Finding, ...], columns: dict[str, DriveTotals]) -> Table:
    table = _table(title, "limit", *columns, "")
    for finding in held:
        limit = finding.limit
        if limit in limits:
            verdict = "-" if finding.value is None else "missed" if finding.missed else "held"
            figures = [_number(limit.figure(drives), limit.unit) for drives in columns.values()]
            table.add_row(limit.name, _number(limit.at_most, limit.unit), *figures, verdict)
    return table


def _values(title: str, of: Callable[[DriveTotals], StretchTotals], columns: dict[str, DriveTotals]) -> Table:
    table = _table(f"{title}: off by > 1e-3 / > 1e-2", *columns, "worst", "values")
    everywhere = of(columns["all"]).values
    for name, total in everywhere.items():
        shares = [_shares(of(drives).values.get(name, Off())) for drives in columns.values()]
        table.add_row(name, *shares, f"{total.worst:.2g}", f"{total.values:,}")
    return table


def _flags(title: str, of: Callable[[DriveTotals], StretchTotals], columns: dict[str, DriveTotals]) -> Table:
    table = _table(f"{title}: neither/batched/MetaDrive/both", *columns)
    rows: dict[str, Callable[[StretchTotals], Agreement]] = {
        "contact": lambda stretch: stretch.contact,
        "contact, MetaDrive's pose": lambda stretch: stretch.contact_at_pose,
        "solid line": lambda stretch: stretch.line,
    }
    for name, flags in rows.items():
        table.add_row(name, *(_counts(flags(of(drives))) for drives in columns.values()))
    return table


def _errors(columns: dict[str, DriveTotals]) -> Table:
    table = _table("drives, and median / p95 of their errors", *columns)
    table.add_row("drives", *(f"{drives.drives:,}" for drives in columns.values()))
    table.add_row("  with contact", *(f"{drives.with_contact:,}" for drives in columns.values()))
    table.add_row("  arrived in one engine alone", *(f"{drives.arrivals:,}" for drives in columns.values()))
    for step in FREE_STEPS:
        figures = (_quantiles(drives.position.get(step, [])) for drives in columns.values())
        table.add_row(f"m at step {step}, no contact yet", *figures)
    for step in FREE_STEPS:
        figures = (_quantiles(drives.heading.get(step, [])) for drives in columns.values())
        table.add_row(f"rad at step {step}, no contact yet", *figures)
    for step in CONTACT_STEPS:
        figures = (_quantiles(drives.pushed.get(step, [])) for drives in columns.values())
        table.add_row(f"m {step} steps after the contact", *figures)
    return table


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "share":
        return f"{value:.3%}"
    return f"{value:.0f}" if unit == "count" else f"{value:.4f} m"


def _shares(off: Off) -> str:
    return f"{off.small / off.values:.3%} {off.large / off.values:.3%}" if off.values else "-"


def _counts(flags: Agreement) -> str:
    return f"{flags.neither}/{flags.batched}/{flags.metadrive}/{flags.both}" if flags.frames else "-"


def _quantiles(errors: list[float]) -> str:
    median, high = quantile(errors, 0.5), quantile(errors, 0.95)
    return "-" if median is None or high is None else f"{median:.2g} {high:.2g}"
