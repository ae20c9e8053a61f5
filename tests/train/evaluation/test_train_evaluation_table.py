"""What is printed fits 80 columns and says what was found, refused and left out."""

from __future__ import annotations

import io
import math

from rich.console import Console

from gold_train.evaluation.results import Described, Evaluation
from gold_train.evaluation.statistics import Interval, McNemar
from gold_train.evaluation.summary import ALL, FIGURES, Figure, OverSeeds, Pair, Stratum
from gold_train.evaluation.table import evaluation_table


def figures(mean: float) -> dict[str, Figure]:
    where = None if math.isnan(mean) else Interval(mean - 0.05, mean + 0.05)
    return dict.fromkeys(FIGURES, Figure(mean, 0.1, where)) | {"returned": Figure(113.4, 160.0, Interval(-4.2, 131.6))}


def stratum(tasks: int, mean: float) -> Stratum:
    return Stratum(tasks, tasks, True, figures(mean))


def described(name: str, strata: dict[str, Stratum], refused: tuple[str, ...] = ()) -> Described:
    return Described(
        name=name,
        kind="dt",
        sha256="0" * 64,
        step=100,
        seed=0,
        gain=None,
        trained_on="1" * 64,
        run=name,
        checkpoint="best",
        group="2" * 64,
        actor=None,
        guide=None,
        guide_kind=None,
        parameters=668_162,
        strata=strata,
        refused=refused,
    )


def printed(evaluation: Evaluation) -> str:
    text = io.StringIO()
    Console(file=text, width=80, highlight=False).print(evaluation_table(evaluation), crop=False)
    return text.getvalue()


def test_it_fits_80_columns_and_leaves_nothing_out() -> None:
    kinds = {ALL: stratum(61, 0.9), "9 s": stratum(56, 0.95), "20 s": stratum(5, 0.5)}
    dt = described("dt-seed-0 x0.8", kinds, ("abc/12: ValueError at step 3",))
    evaluation = Evaluation(
        manifest="m",
        split="test",
        engine="metadrive",
        left_out=("abc/13",),
        contenders=(dt, described("nobody", {}, ())),
        seeds=(OverSeeds(("dt-seed-0", "dt-seed-1"), figures(0.8)),),
        pairs=(Pair(("dt-seed-0",), ("bc-seed-0",), 60, figures(-0.02), McNemar(1, 2, 0.9999)),),
    )
    said = printed(evaluation)
    assert max(len(line.rstrip()) for line in said.splitlines()) <= 80
    rows = said.splitlines()
    first = next(number for number, row in enumerate(rows) if row.startswith("dt-seed-0 x0.8"))
    assert rows[first].split()[2:] == [".900", ".900", ".900", ".900", ".900", ".900", "113.4"]
    assert rows[first + 1].split()[:4] == ["61", "tasks", ".85", ".95"]
    assert rows[first + 1].split()[-2:] == ["-4.20", "132"]
    assert next(row for row in rows if row.startswith("nobody")).split() == ["nobody", *"-" * 7]
    for words in (
        "-.020",
        "-.07 .03",
        "McNemar p 1.000",
        "of 56",
        "20 s",
        "left out, route under 5 m: 1",
        "refused: 1",
    ):
        assert words in said
    assert "dt-seed-0 x0.8: abc/12: ValueError at step 3" in said


def test_without_an_interval_there_is_only_the_mean() -> None:
    alone = {ALL: Stratum(3, 1, False, dict.fromkeys(FIGURES, Figure(1.0, 0.0, None)))}
    said = printed(Evaluation("m", "test", "batched", (), (described("dt", alone),), (), ()))
    assert "1.000" in said
    assert "over seeds" not in said
    assert len(said.splitlines()) == 6
