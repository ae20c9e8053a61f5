"""What a dataset is, as tables that fit 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gold_data.shards import Dataset
from gold_data.views.contents import Contents, RejectionCount, contents
from gold_data.views.drives import DriveContents

SHOWN = 5
"""Damaged stretches that are listed; damaged.jsonl has them all."""


def overview(dataset: Dataset) -> RenderableType:
    """Tables of what was read, kept and rejected, how large it is, and where.

    Print it with `crop=False`: paths and reasons stand on lines of their own, which may be longer than the screen is
    wide. Raises DatasetError where a file beside the manifest cannot be read.
    """
    found = contents(dataset)
    parts = [
        _splits(found),
        _rejections("egos", found.rejections),
        _rejections("disturbed", found.demonstrations_rejected),
        _damaged(found),
        _settings(found),
        _observation(found),
    ]
    tables = [part for part in parts if part is not None]
    return Group(_summary(found), *(line for table in tables for line in (Text(), table)))


def _summary(found: Contents) -> Group:
    records, scenarios, egos = found.records, found.scenarios, found.egos
    time = "" if found.seconds is None else f" in {duration_text(found.seconds)}"
    began = "" if found.began is None else f", begun {found.began}"
    unplanned = f", {scenarios['unplanned']:,} not asked for" if scenarios["unplanned"] else ""
    passed_over = f", {egos['unplanned']:,} not asked for" if egos["unplanned"] else ""
    drives = found.demonstrations
    changed = "" if found.settings_changed else "all at their defaults"
    rows = [
        ("dataset", [found.dataset]),
        ("digest", [found.digest]),
        ("made", [f"by gold-data {found.gold_data_version}{time}{began}"]),
        ("from", list(found.sources or ())),
        (
            "records",
            [
                f"{records['read']:,} read: {records['scenarios']:,} scenarios, "
                f"{records['damaged']:,} damaged, {records['duplicate']:,} duplicate"
            ],
        ),
        ("scenarios", [f"{scenarios['kept']:,} kept, {scenarios['rejected']:,} rejected{unplanned}"]),
        (
            "egos",
            [f"{egos['considered']:,} considered: {egos['kept']:,} kept, {egos['rejected']:,} rejected{passed_over}"],
        ),
        (
            "disturbed",
            [f"{drives['driven']:,} drives: {drives['kept']:,} kept, {drives['rejected']:,} rejected"]
            if drives["driven"]
            else [],
        ),
        ("drives", [_drives(found.drives)] if found.drives is not None else []),
        ("episodes", [f"{found.episodes:,} with {found.steps:,} steps, {size_text(found.bytes)}"]),
        ("settings", [changed] if changed else []),
    ]
    return Group(
        *(
            _unbroken(f"{'' if number else label:<11}{value}")
            for label, values in rows
            for number, value in enumerate(values)
        )
    )


def _drives(drives: DriveContents) -> str:
    if not drives.of_several:
        return f"{drives.drives:,}, each of one scenario"
    return f"{drives.drives:,}, {len(drives.of_several):,} of several scenarios, {drives.largest:,} at most"


def _splits(found: Contents) -> Table:
    table = _table("split", "planned", "kept", "episodes", "steps", "shards", "size", "an episode")
    for split in found.splits:
        counts = (split.planned, split.kept, split.episodes, split.steps, split.shards)
        each = size_text(split.bytes / split.episodes) if split.episodes else "-"
        _add(table, split.name, *(f"{count:,}" for count in counts), size_text(split.bytes), each)
    return table


def _rejections(counted: str, rejections: Sequence[RejectionCount]) -> Table | None:
    table = _table("rejected", counted, "share", words=("meaning",))
    for row in rejections:
        _add(table, row.rule, f"{row.egos:,}", f"{row.share:.1%}", row.meaning)
    return table if rejections else None


def _damaged(found: Contents) -> Group | None:
    if not found.damaged:
        return None
    lines = [
        f"{row.source} at byte {row.offset} ({size_text(row.length)}): {row.reason}" for row in found.damaged[:SHOWN]
    ]
    more = len(found.damaged) - SHOWN
    if more > 0:
        lines.append(f"and {more:,} more in damaged.jsonl")
    return Group(Text("damaged", style="bold"), *(_unbroken(line) for line in lines))


def _settings(found: Contents) -> Table | None:
    table = _table("changed setting", words=("value", "default"))
    for row in found.settings_changed:
        _add(table, row.name, str(row.value), str(row.default))
    return table if found.settings_changed else None


def _observation(found: Contents) -> Table | None:
    table = _table("observation", "columns", words=("meaning",))
    for block in found.observation:
        _add(table, block.name, f"{block.start}-{block.stop - 1}", block.meaning)
    return table if found.observation else None


def _table(first: str, *numbers: str, words: Iterable[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    for name in words:
        table.add_column(name, overflow="fold")
    return table


def _add(table: Table, *cells: str) -> None:
    table.add_row(*map(Text, cells))  # as Text, so that brackets in a name are not taken for markup


def _unbroken(line: str) -> Text:
    return Text(line, no_wrap=True, overflow="ignore")


def duration_text(seconds: float) -> str:
    """Seconds in the unit that fits: "1.2 s", "2.7 min", "2 h 30 min"."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{round(seconds / 60, 1):g} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def size_text(count: float) -> str:
    """Bytes in the unit of 1,000 that fits, with three digits: "44.6 kB"."""
    units = ("B", "kB", "MB", "GB", "TB")
    power = 0
    while count >= 999.5 and power < len(units) - 1:
        count, power = count / 1000, power + 1
    return f"{count:.3g} {units[power]}"
