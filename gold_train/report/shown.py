"""The table on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gold_train.report.claims import Decided
from gold_train.report.groups import Results
from gold_train.report.line import Line
from gold_train.report.page import METADRIVE

COLUMNS = {"returned": "return", "cost": "cost", "success": "success", "contact": "contact"}


def shown(results: Results, lines: Sequence[Line], claims: Sequence[Decided]) -> RenderableType:
    """Each algorithm with the paper's figure above ours and where ours lies; what was decided of each claim."""
    words = "driven in MetaDrive" if results.engine == METADRIVE else f"NOT METADRIVE: driven in {results.engine}"
    style = "" if results.engine == METADRIVE else "bold red"
    return Group(Text(f"{results.split} split, {words}", style=style), _row(lines), Text(), _claims(claims))


def _row(lines: Sequence[Line]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0)
    table.add_column("", overflow="fold")
    for title in COLUMNS.values():
        table.add_column(f"{title}\npaper\nours", justify="right")
    table.add_column("seeds\nscenes", justify="right")
    for line in lines:
        kind = line.all
        cells = ["-"] * len(COLUMNS) if kind is None else [_cell(line, name) for name in COLUMNS]
        table.add_row(line.name, *cells, f"{len(line.seeds)}\n{0 if kind is None else kind.scenes}")
    return table


def _cell(line: Line, name: str) -> str:
    kind, paper = line.all, None if line.algorithm is None else line.algorithm.paper
    if kind is None:
        return "-"
    printed = None if paper is None else getattr(paper, name, None)
    found = kind.figures[name]
    places = 1 if name == "returned" else 3
    where = found.over_scenes
    lies = "" if where is None else f"\n{where.low:.{places}f} {where.high:.{places}f}"
    return f"{'-' if printed is None else f'{printed:g}'}\n{found.mean:.{places}f}{lies}"


def _claims(claims: Sequence[Decided]) -> Table:
    """A claim a line, a column for each actor and checkpoint; what depends on no actor stands in all of them."""
    asked = dict.fromkeys((one.checkpoint, one.actor) for one in claims if one.actor is not None)
    found = {(one.claim, one.checkpoint, one.actor): one.verdict for one in claims}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for title in ("", "claim", *(f"{actor}\n{checkpoint}" for checkpoint, actor in asked)):
        table.add_column(title, overflow="fold")
    for name, statement in dict.fromkeys((one.claim, one.statement) for one in claims):
        verdicts = (
            found.get((name, checkpoint, actor)) or found[name, checkpoint, None] for checkpoint, actor in asked
        )
        table.add_row(name, statement, *verdicts)
    return table
