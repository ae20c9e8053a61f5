"""What rows come to: by kind of task, over seeds, and pair by pair."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from evaluation_material import task, trace

from gold_train.evaluation.metrics import measure
from gold_train.evaluation.statistics import clopper_pearson
from gold_train.evaluation.summary import ALL, FIGURES, EpisodeRow, by_stratum, compare, over_seeds

FIRST = (1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1)
SECOND = (1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1)


def row(contender: str, arrives: int, cluster: str, *, ego: str = "sdc", frames: int = 91) -> EpisodeRow:
    """An episode of ten steps that arrives at its end, or does not."""
    arrived = np.arange(10) >= (9 if arrives else 10)
    one = dataclasses.replace(task(frames=frames, cluster=cluster), ego_id=ego)
    return EpisodeRow(contender, one, measure(one, trace(10, arrived=arrived, terminated=bool(arrives))))


def run(contender: str, arrivals: tuple[int, ...]) -> list[EpisodeRow]:
    """One scene a drive."""
    return [row(contender, arrives, f"drive {number}") for number, arrives in enumerate(arrivals)]


def refused(one: EpisodeRow) -> EpisodeRow:
    return dataclasses.replace(one, metrics=None, refused="ValueError at step 3")


def test_rates_of_independent_scenes_are_exact() -> None:
    found = by_stratum(run("a", FIRST))[ALL]
    assert (found.tasks, found.clusters, found.independent) == (20, 20, True)
    assert found.figures["success"].mean == 0.8
    assert found.figures["success"].interval == clopper_pearson(16, 20)
    assert set(found.figures) == set(FIGURES)


def test_egos_of_one_drive_are_drawn_together() -> None:
    rows = [row("a", arrives, f"drive {number}", ego=ego) for number, arrives in enumerate(FIRST) for ego in "xyz"]
    found, alone = by_stratum(rows)[ALL], by_stratum(run("a", FIRST))[ALL]
    assert (found.tasks, found.clusters, found.independent) == (60, 20, False)
    wide, exact = found.figures["success"].interval, clopper_pearson(48, 60)
    assert wide is not None
    assert wide.high - wide.low > 1.3 * (exact.high - exact.low)
    # Three times the same is what once is, to the bootstrap that draws drives.
    assert found.figures["returned"].interval == alone.figures["returned"].interval
    assert (wide.low, wide.high) == pytest.approx((0.6, 0.95))


def test_what_never_happened_is_not_certain_not_to() -> None:
    rows = [row("a", 1, f"drive {number}", ego=ego) for number in range(10) for ego in "xy"]
    found = by_stratum(rows)[ALL].figures
    assert found["contact"].interval == clopper_pearson(0, 10)
    assert found["success"].interval == clopper_pearson(10, 10)


def test_of_a_single_drive_little_is_said_but_the_mean() -> None:
    found = by_stratum([row("a", arrives, "drive", ego=str(arrives)) for arrives in (0, 1)])[ALL]
    assert found.figures["success"].mean == 0.5
    assert found.figures["success"].interval is None


def test_kinds_of_tasks_are_told_apart_and_refused_ones_are_not_counted() -> None:
    rows = [row("a", 1, "one", frames=91), row("a", 0, "two", frames=198), refused(row("a", 0, "three", frames=198))]
    found = by_stratum(rows)
    assert {name: stratum.tasks for name, stratum in found.items()} == {
        ALL: 2,
        "9 s": 1,
        "20 s": 1,
        "30-100 m": 2,
        "straight": 2,
    }
    assert found["20 s"].figures["success"].mean == 0.0
    assert by_stratum([refused(row("a", 0, "three"))]) == {}


def test_k26_two_runs_on_the_same_scenes_in_whatever_order() -> None:
    pair = compare([run("a", FIRST)], [run("b", SECOND)[::-1]])
    assert pair is not None
    found = pair.differences["success"]
    assert found.interval is not None
    assert found.mean == pytest.approx(0.15, abs=1e-6)
    assert (found.interval.low, found.interval.high) == pytest.approx((-0.05, 0.35), abs=1e-6)
    assert pair.mcnemar is not None
    assert (pair.mcnemar.first_alone, pair.mcnemar.second_alone) == (4, 1)
    assert pair.mcnemar.p == pytest.approx(0.375, abs=1e-6)


def test_seeds_are_averaged_scene_by_scene_before_two_groups_are_compared() -> None:
    pair = compare([run("a0", FIRST), run("a1", SECOND)], [run("b", SECOND)])
    assert pair is not None
    assert pair.differences["success"].mean == pytest.approx(0.075)
    assert pair.mcnemar is None
    assert (pair.first, pair.second) == (("a0", "a1"), ("b",))


def test_scenes_that_anybody_refused_are_in_no_comparison() -> None:
    first, second = run("a", FIRST), run("b", SECOND)
    first[0], second[1] = refused(first[0]), refused(second[1])
    pair = compare([first], [second])
    assert pair is not None
    assert pair.tasks == 18
    assert compare([[refused(one) for one in first]], [second]) is None


def test_over_seeds_each_run_counts_once() -> None:
    found = over_seeds([run("a", (1, 1, 1, 1)), run("b", (1, 0, 1, 0)), run("c", (1, 0, 0, 0))]).figures["success"]
    assert found.mean == pytest.approx((1.0 + 0.5 + 0.25) / 3)
    assert found.sd == pytest.approx(np.std([1.0, 0.5, 0.25], ddof=1))
    assert found.interval is not None
    half = 4.302652730 * found.sd / np.sqrt(3)
    assert found.interval.low == pytest.approx(found.mean - half)
