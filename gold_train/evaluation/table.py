"""What an evaluation found, as tables that fit 100 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gold_train.evaluation.metrics import STRATA
from gold_train.evaluation.results import Evaluation
from gold_train.evaluation.summary import ALL, Figure, Pair

_COLUMNS = {
    "success": "success 1.0x",
    "success_late": "1.5x",
    "contact": "contact",
    "at_fault": "at fault",
    "out_of_road": "off road",
    "cost": "cost",
    "returned": "return",
}
_BY_STRATUM = {"success": "success 1.0x", "contact": "contact"}
_SHOWN = 8
"""Refused tasks that are named; all are in summary.json."""


def evaluation_table(evaluation: Evaluation) -> RenderableType:
    """Figures over all tasks, with 95 % intervals; over seeds; by kind of task; pairs. Print it with `crop=False`."""
    parts: list[RenderableType] = [_all(evaluation)]
    if evaluation.seeds:
        parts += [Text(), _seeds(evaluation)]
    if any(len(one.strata) > 1 for one in evaluation.contenders):
        parts += [Text(), *(_strata(evaluation, name, title) for name, title in _BY_STRATUM.items())]
    if evaluation.pairs:
        parts += [Text(), _pairs(evaluation.pairs)]
    if evaluation.left_out:
        parts += [Text(), Text(f"left out, route under 5 m: {len(evaluation.left_out)}")]
    refused = [f"{one.name}: {said}" for one in evaluation.contenders for said in one.refused]
    if refused:
        parts += [Text(), Text(f"refused: {len(refused)}"), *(Text(said) for said in refused[:_SHOWN])]
    return Group(*parts)


def _all(evaluation: Evaluation) -> Table:
    table = _table(f"{evaluation.split}, {evaluation.engine}", ["tasks", *_COLUMNS.values()])
    for one in evaluation.contenders:
        found = one.strata.get(ALL)
        if found is None:
            table.add_row(one.name, "0", *("-" for _ in _COLUMNS))
        else:
            table.add_row(one.name, str(found.tasks), *(_cell(found.figures[name]) for name in _COLUMNS))
    return table


def _seeds(evaluation: Evaluation) -> Table:
    table = _table("over seeds", ["seeds", *_COLUMNS.values()])
    for group in evaluation.seeds:
        figures = (_cell(group.figures[name]) for name in _COLUMNS)
        table.add_row("\n".join(group.contenders), str(len(group.contenders)), *figures)
    return table


def _strata(evaluation: Evaluation, figure: str, title: str) -> Table:
    there = [name for name in STRATA if any(name in one.strata for one in evaluation.contenders)]
    table = _table(f"{title} by kind of task", there)
    for one in evaluation.contenders:
        cells = [
            f"{_cell(one.strata[name].figures[figure])}\nof {one.strata[name].tasks}" if name in one.strata else "-"
            for name in there
        ]
        table.add_row(one.name, *cells)
    return table


def _pairs(pairs: Sequence[Pair]) -> Table:
    table = _table("first less second", ["tasks", *_COLUMNS.values(), "McNemar p"])
    for pair in pairs:
        figures = (_cell(pair.differences[name]) for name in _COLUMNS)
        p = "-" if pair.mcnemar is None else f"{pair.mcnemar.p:.3f}"
        name = f"{', '.join(pair.first)}\nless {', '.join(pair.second)}"
        table.add_row(name, str(pair.tasks), *figures, p)
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column(title)
    for name in columns:
        table.add_column(name, justify="right")
    return table


def _cell(figure: Figure) -> str:
    """The mean, and below it where it lies."""
    where = "" if figure.interval is None else f"\n{_short(figure.interval.low)}..{_short(figure.interval.high)}"
    return _short(figure.mean) + where


def _short(number: float) -> str:
    """Three digits that count, no more than three places."""
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3f}" if abs(number) < 10 else f"{number:.1f}"
