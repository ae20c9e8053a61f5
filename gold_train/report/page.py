"""The table as Markdown: the paper's row beside ours, what else was measured, claims, and what all of it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gold_train.evaluation.metrics import STRATA
from gold_train.evaluation.statistics import Interval
from gold_train.evaluation.summary import ALL
from gold_train.report.algorithms import PAPER
from gold_train.report.claims import Decided
from gold_train.report.groups import Results
from gold_train.report.line import Cell, Line
from gold_train.report.verdict import Part

RATES = frozenset({"success", "success_late", "contact", "at_fault", "out_of_road", "time_out", "completion"})
ROW = {"returned": "return", "cost": "cost", "success": "success"}
REST = {
    "contact": "contact",
    "at_fault": "at fault",
    "out_of_road": "out of road",
    "time_out": "time-out",
    "success_late": "success by 1.5x",
    "completion": "completion",
}
LENGTHS = STRATA[:2]
METADRIVE = "metadrive"


def page(results: Results, lines: Sequence[Line], anchors: Sequence[Line], claims: Sequence[Decided]) -> str:
    """All of it as one Markdown text; figures are named as they are written beside it."""
    parts = [
        "# The driving table",
        engine_words(results),
        f"Dataset {results.manifest[:12]}, split {results.split}. Each scene is driven once by each seed. A figure is "
        "the mean over seeds; ± is the standard deviation over the episodes of a run; [ ] is where the mean lies with "
        "95 % when scenes are drawn anew, drive by drive; { } when seeds are (Student's t, from three seeds on). What "
        "the paper's ± is over it does not say.",
        "## The paper's row and ours",
        _table(["", *_both(), "seeds", "scenes", "drives"], [_row(line) for line in lines]),
        _not_there(lines),
        "## What else happened",
        _table(["", *REST.values(), "parameters"], [_rest(line) for line in (*lines, *anchors)]),
        "## 9 s and 20 s records apart",
        _table(["", *_lengths()], [_of_lengths(line) for line in (*lines, *anchors)]),
        "## Runs",
        _table(["", "runs", "seeds", "trained for", "episodes", "guide"], [_runs(line) for line in (*lines, *anchors)]),
        *_refused(results),
        "## Claims",
        "A claim is consistent where every part's interval excludes what contradicts it, not consistent where one "
        "excludes the claim, else not measured; three seeds at least. Scenes that would decide are reckoned from how "
        "far the paired differences are spread. Of several groups of one algorithm the first counts.",
        *(
            text
            for checkpoint in dict.fromkeys(one.checkpoint for one in claims)
            for text in _claims(claims, checkpoint)
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def engine_words(results: Results) -> str:
    """Where it was driven: only MetaDrive's figures are results to report."""
    if results.engine == METADRIVE:
        return "Driven in MetaDrive."
    return (
        f"**NOT DRIVEN IN METADRIVE, but in the {results.engine} engine: figures to work with, none to report.** "
        "`gold-train evaluate --engine metadrive` makes those."
    )


def figure(cell: Cell, name: str, *, spread: bool = False) -> str:
    """A figure and where it lies, with its standard deviation where `spread` asks for it; shares in per cent."""
    text = _number(cell.mean, name) + (" %" if name in RATES else "")
    if spread:
        text += f" ± {_number(cell.sd, name)}"
    if cell.over_scenes is not None:
        text += f" [{_interval(cell.over_scenes, name)}]"
    return text if cell.over_seeds is None else f"{text} {{{_interval(cell.over_seeds, name)}}}"


def part_words(part: Part) -> str:
    """One comparison in a line."""
    said = f"{part.what}: {part.verdict}"
    if part.estimate is not None:
        said += f", {part.estimate:.4g}"
    if part.interval is not None:
        said += f" [{part.interval.low:.4g}, {part.interval.high:.4g}]"
    if part.scenes is not None:
        said += f", {part.scenes} scenes"
    if part.why is not None:
        said += f" ({part.why}"
        said += f"; {part.needed} scenes would decide)" if part.needed is not None else ")"
    return said


def _both() -> list[str]:
    return [text for title in ROW.values() for text in (f"{title}, paper", f"{title}, ours")]


def _row(line: Line) -> list[str]:
    paper = None if line.algorithm is None else line.algorithm.paper
    printed = (
        ["-"] * 3
        if paper is None
        else [f"{paper.returned} ± {paper.returned_sd}", f"{paper.cost} ± {paper.cost_sd}", f"{paper.success:.0%}"]
    )
    ours = _cells(line, ROW, spread=True)
    kind = line.all
    size = ["-", "-"] if kind is None else [str(kind.scenes), str(kind.drives)]
    both = [text for pair in zip(printed, ours, strict=True) for text in pair]
    return [line.name, *both, str(len(line.seeds)), *size]


def _rest(line: Line) -> list[str]:
    size = "-" if line.parameters is None else f"{line.parameters:,}"
    return [line.name, *_cells(line, REST), size]


def _cells(line: Line, names: Iterable[str], kind: str = ALL, *, spread: bool = False) -> list[str]:
    found = line.kinds.get(kind)
    return ["-" if found is None else figure(found.figures[name], name, spread=spread) for name in names]


def _lengths() -> list[str]:
    return [text for length in LENGTHS for text in (f"success, {length}", f"contact, {length}", f"scenes, {length}")]


def _of_lengths(line: Line) -> list[str]:
    cells = [line.name]
    for length in LENGTHS:
        found = line.kinds.get(length)
        cells += [*_cells(line, ("success", "contact"), length), "0" if found is None else str(found.scenes)]
    return cells


def _runs(line: Line) -> list[str]:
    def listed(values: Sequence[object]) -> str:
        return ", ".join(map(str, values)) or "-"

    steps = [f"{step:,}" for step in line.steps if step is not None]
    return [line.name, listed(line.runs), listed(line.seeds), listed(steps), str(line.episodes), line.guide or "-"]


def _not_there(lines: Sequence[Line]) -> str:
    there = {line.algorithm.column for line in lines if line.algorithm is not None}
    lacking = [name for name in PAPER if name not in there]
    return f"Not evaluated: {', '.join(lacking)}." if lacking else ""


def _refused(results: Results) -> list[str]:
    if not results.refused:
        return []
    return [f"## Refused: {len(results.refused)}", "\n".join(f"- {said}" for said in results.refused)]


def _claims(claims: Sequence[Decided], checkpoint: str) -> list[str]:
    chosen = [one for one in claims if one.checkpoint == checkpoint]
    rows = [
        [
            one.claim,
            one.actor or "-",
            one.statement,
            one.paper,
            f"**{one.verdict}**",
            "<br>".join(map(part_words, one.parts)),
        ]
        for one in chosen
    ]
    return [
        f"### By the {checkpoint} checkpoints",
        _table(["", "IQL's actor", "claim", "paper", "here", "by what"], rows),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _interval(interval: Interval, name: str) -> str:
    """Student's may reach beyond what a share can be."""
    low, high = interval.low, interval.high
    if name in RATES:
        low, high = max(low, 0.0), min(high, 1.0)
    return f"{_number(low, name)}, {_number(high, name)}"


def _number(value: float, name: str) -> str:
    return f"{100 * value:.1f}" if name in RATES else f"{value:.2f}"
