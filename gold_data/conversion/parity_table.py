"""What a parity check found, as tables that fit 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gold_data.conversion.parity_limits import Finding, Limit, findings, quantile
from gold_data.conversion.parity_rows import CONTACT_STEPS, FREE_STEPS, DriveTotals, ParitySummary, StretchTotals
from gold_data.replay.both_engines import DRIVES
from gold_data.replay.parity import Agreement, Off

Columns = dict[str, DriveTotals]

_STRETCHES: dict[str, Callable[[DriveTotals], StretchTotals]] = {
    "before": lambda drives: drives.before,
    "after": lambda drives: drives.after,
}

_FLAGS: dict[str, Callable[[StretchTotals], Agreement]] = {
    "contact": lambda stretch: stretch.contact,
    "contact, MetaDrive's pose": lambda stretch: stretch.contact_at_pose,
    "solid line": lambda stretch: stretch.line,
}


def parity_table(summary: ParitySummary) -> RenderableType:
    """Limits first, then every block, flag and error by kind of drive; print it with `crop=False`."""
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(summary.outcomes.items()))
    shown = [Text(line, no_wrap=True, overflow="ignore") for line in summary.shown]
    parts: list[RenderableType] = [Text(f"scenarios: {outcomes}"), *shown]
    if summary.drives:
        kinds = [kind for kind in DRIVES if kind in summary.drives]
        columns = {kind: summary.drives[kind] for kind in kinds} | {"all": summary.all_drives()}
        tables = [_limits(findings(summary), columns), _drives(columns)]
        for title, of in _STRETCHES.items():
            if of(columns["all"]).contact.frames:
                tables += [_values(title, of, columns), _flags(title, of, columns)]
        for table in tables:
            parts += [Text(), table]
    return Group(*parts)


def _table(title: str, columns: Iterable[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0)
    table.add_column(title)
    for name in columns:
        table.add_column(name, justify="right")
    return table


def _limits(held: Iterable[Finding], columns: Columns) -> Table:
    table = _table("contact: MetaDrive's first", ["limit", *columns, ""])
    for finding in held:
        limit = finding.limit
        verdict = "-" if finding.value is None else "missed" if finding.missed else "held"
        figures = [_figure(limit, limit.figure(drives)) for drives in columns.values()]
        table.add_row(f"{limit.name}, {_UNITS[limit.unit]}", _figure(limit, limit.at_most), *figures, verdict)
    return table


_UNITS = {"m": "mm", "share": "%", "count": "drives"}
_SCALES = {"m": 1000.0, "share": 100.0, "count": 1.0}


def _figure(limit: Limit, value: float | None) -> str:
    return "-" if value is None else _short(_SCALES[limit.unit] * value)


def _drives(columns: Columns) -> Table:
    table = _table("distance: p50, p95", columns)
    table.add_row("drives", *(f"{drives.drives:,}" for drives in columns.values()))
    table.add_row("with contact", *(f"{drives.with_contact:,}" for drives in columns.values()))
    table.add_row("arrived in one alone", *(f"{drives.arrivals:,}" for drives in columns.values()))
    for step in FREE_STEPS:
        table.add_row(f"step {step}, mm", *(_quantiles(drives.position.get(step, [])) for drives in columns.values()))
    for step in FREE_STEPS:
        table.add_row(f"step {step}, mrad", *(_quantiles(drives.heading.get(step, [])) for drives in columns.values()))
    for step in CONTACT_STEPS:
        figures = (_quantiles(drives.pushed.get(step, [])) for drives in columns.values())
        table.add_row(f"contact + {step}, mm", *figures)
    return table


def _values(title: str, of: Callable[[DriveTotals], StretchTotals], columns: Columns) -> Table:
    table = _table(f"{title}: off by, % of values", [*columns, "worst"])
    for name, total in of(columns["all"]).values.items():
        blocks = [of(drives).values.get(name, Off()) for drives in columns.values()]
        table.add_row(f"{name} > 1e-3", *(_percent(off.small, off.values) for off in blocks), _short(total.worst))
        table.add_row(f"{name} > 1e-2", *(_percent(off.large, off.values) for off in blocks))
    return table


def _flags(title: str, of: Callable[[DriveTotals], StretchTotals], columns: Columns) -> Table:
    table = _table(f"{title}: frames with flag", ["neither", "batched", "MetaDrive", "both", "wrong, %"])
    for name, flags in _FLAGS.items():
        for kind, drives in columns.items():
            count = flags(of(drives))
            if count.frames:
                numbers = (count.neither, count.batched, count.metadrive, count.both)
                wrong = _percent(count.wrong, count.frames)
                table.add_row(f"{name}, {kind}", *(f"{number:,}" for number in numbers), wrong)
    return table


def _short(number: float) -> str:
    """Two digits that count, down to thousandths; the least that is not nothing is no nought."""
    if number >= 10:
        return f"{number:.0f}"
    return "0" if number == 0 else "<.001" if number < 0.001 else f"{number:.2g}".replace("0.", ".", 1)


def _percent(count: int, of: int) -> str:
    return _short(100 * count / of) if of else "-"


def _quantiles(errors: list[float]) -> str:
    median, high = quantile(errors, 0.5), quantile(errors, 0.95)
    return "-" if median is None or high is None else f"{_short(1000 * median)} {_short(1000 * high)}"
