"""What an evaluation found, as tables that fit 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gold_train.evaluation.metrics import STRATA
from gold_train.evaluation.results import Evaluation
from gold_train.evaluation.summary import ALL, Figure, OverSeeds, Pair, Stratum

_COLUMNS = {
    "success": "arrives\nby 1.0x",
    "success_late": "by 1.5x",
    "contact": "contact",
    "at_fault": "at fault",
    "out_of_road": "out of\nroad",
    "cost": "cost",
    "returned": "return",
}
_BY_STRATUM = {"success": "arrives by 1.0x", "contact": "contact"}
_SHOWN = 8
"""Refused tasks that are named; all are in summary.json."""


def evaluation_table(evaluation: Evaluation) -> RenderableType:
    """Figures over all tasks, below each where it lies (95 %); over seeds; by kind of task; pairs; what was refused."""
    parts: list[RenderableType] = [Text(f"{evaluation.split} split, {evaluation.engine}"), _all(evaluation)]
    if evaluation.seeds:
        parts += [Text(), _seeds(evaluation)]
    if any(len(one.strata) > 1 for one in evaluation.contenders):
        parts += [item for name, title in _BY_STRATUM.items() for item in (Text(), _strata(evaluation, name, title))]
    if evaluation.pairs:
        parts += [Text(), _pairs(evaluation.pairs)]
    if evaluation.left_out:
        parts += [Text(), Text(f"left out, route under 5 m: {len(evaluation.left_out)}")]
    refused = [f"{one.name}: {said}" for one in evaluation.contenders for said in one.refused]
    if refused:
        parts += [Text(), Text(f"refused: {len(refused)}"), *(Text(said) for said in refused[:_SHOWN])]
    return Group(*parts)


def _all(evaluation: Evaluation) -> Table:
    table = _table("", _COLUMNS.values())
    for one in evaluation.contenders:
        found = one.strata.get(ALL)
        tasks = 0 if found is None else found.tasks
        table.add_row(f"{one.name}\n{tasks} tasks", *(_cell(found, name) for name in _COLUMNS))
    return table


def _seeds(evaluation: Evaluation) -> Table:
    table = _table("over seeds", _COLUMNS.values())
    for group in evaluation.seeds:
        table.add_row("\n".join(group.contenders), *(_cell(group, name) for name in _COLUMNS))
    return table


def _strata(evaluation: Evaluation, figure: str, title: str) -> Table:
    there = [name for name in STRATA if any(name in one.strata for one in evaluation.contenders)]
    table = _table(title, there)
    for one in evaluation.contenders:
        found = [one.strata.get(name) for name in there]
        table.add_row(
            one.name, *(_cell(some, figure) + ("" if some is None else f"\nof {some.tasks}") for some in found)
        )
    return table


def _pairs(pairs: Sequence[Pair]) -> Table:
    table = _table("difference", _COLUMNS.values())
    for pair in pairs:
        name = f"{', '.join(pair.first)}\nless {', '.join(pair.second)}\n{pair.tasks} tasks"
        if pair.mcnemar is not None:
            name += f"\nMcNemar p {pair.mcnemar.p:.3f}"
        table.add_row(name, *(_figure(pair.differences[figure]) for figure in _COLUMNS))
    return table


def _table(title: str, columns: Iterable[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0)
    table.add_column(title, overflow="fold")
    for name in columns:
        table.add_column(name, justify="right")
    return table


def _cell(found: Stratum | OverSeeds | None, name: str) -> str:
    return "-" if found is None else _figure(found.figures[name])


def _figure(figure: Figure) -> str:
    """The mean, and below it where it lies."""
    where = figure.interval
    return _short(figure.mean) + ("" if where is None else f"\n{_short(where.low, 2)} {_short(where.high, 2)}")


def _short(number: float, places: int = 3) -> str:
    """Few digits, and no nought before the point."""
    if abs(number) >= 10:
        return f"{number:.{max(0, places - 2)}f}"
    text = f"{number:.{places}f}"
    return text.replace("0.", ".", 1) if abs(number) < 1 and text.lstrip("-").startswith("0.") else text
