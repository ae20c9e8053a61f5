"""C01 to C16, each with results for each of the three answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from report_material import curve, group

from gold_train.bench import Measured
from gold_train.report.algorithms import AWR, BC, CVPO, DT, IQL, PATHWISE, Algorithm
from gold_train.report.claims import CLAIMS, Decided, decide
from gold_train.report.evidence import Bench, Evidence
from gold_train.report.groups import Group
from gold_train.report.verdict import CONSISTENT, NOT_CONSISTENT, NOT_MEASURED

A_BC, A_DT, A_IQL, A_CVPO = Algorithm(BC), Algorithm(DT), Algorithm(IQL, None, AWR), Algorithm(CVPO)
BC_IQL, DT_CVPO, DT_IQL = Algorithm(IQL, BC, AWR), Algorithm(CVPO, DT), Algorithm(IQL, DT, AWR)
SEVEN = (A_BC, A_DT, A_IQL, A_CVPO, BC_IQL, DT_CVPO, DT_IQL)


def evidence(rates: Mapping[str, Mapping[str, float]], seeds: int = 3) -> Evidence:
    """All seven, alike but for what is given by name, as in {"dt_iql": {"success": 0.9}}."""
    names = ("bc", "dt", "iql", "cvpo", "bc_iql", "dt_cvpo", "dt_iql")
    made = [
        group(one, seeds, guide="DT" if one.guide == DT else None, rates=rates.get(name, {}))
        for name, one in zip(names, SEVEN, strict=True)
    ]
    return Evidence(tuple(made))


def answer(claim: int, found: Evidence, actor: str = AWR, checkpoint: str = "best") -> Decided:
    """One claim alone: to draw scenes anew for all of them takes its time."""
    (decided,) = decide(found, checkpoint, (actor,), [CLAIMS[claim - 1]])
    return decided


GOOD = {"success": 0.95, "returned": 80.0, "cost": 0.1}
BAD = {"success": 0.5, "returned": 40.0, "cost": 3.0}
# Claim, what decides it for, and what against.
CASES: list[tuple[int, dict[str, dict[str, float]], dict[str, dict[str, float]]]] = [
    (1, {"dt": GOOD}, {"dt": BAD}),
    (1, {"dt": GOOD}, {"dt": {"returned": 80.0, "cost": 3.0}}),
    (2, {"dt_iql": GOOD}, {"dt_iql": BAD}),
    (3, {"dt_iql": GOOD}, {"bc_iql": GOOD}),
    (4, {"dt_iql": GOOD}, {"dt_cvpo": GOOD}),
    (5, {"dt_iql": GOOD}, {"cvpo": GOOD}),
    (6, {"cvpo": GOOD}, {"iql": GOOD}),
    (7, {"dt_iql": GOOD, "bc_iql": GOOD, "dt_cvpo": GOOD}, {"dt_iql": GOOD, "bc_iql": GOOD}),
    (8, {"dt_iql": {"returned": 69.0}}, {"dt_iql": {"returned": 90.0}}),
    (9, {"dt_iql": {"success": 0.92}}, {"dt_iql": {"success": 0.5}}),
    (10, {"dt_iql": {"cost": 0.5}}, {"dt_iql": {"cost": 1.5}}),
    (11, {"dt": {"contact": 0.3}, "dt_iql": {"contact": 0.0, "scenes": 150}}, {"dt_iql": {"contact": 0.2}}),
    (12, {"dt_iql": {"success": 0.95}}, {"dt_iql": {"success": 0.5}}),
]
SAME_COST = {7: {"dt_cvpo": {"success": 0.95, "returned": 80.0, "cost": 3.0}}}


@pytest.mark.parametrize(("claim", "holds", "fails"), CASES)
def test_consistent_and_not_consistent(
    claim: int, holds: dict[str, dict[str, float]], fails: dict[str, dict[str, float]]
) -> None:
    assert answer(claim, evidence(holds)).verdict == CONSISTENT
    assert answer(claim, evidence({**fails, **SAME_COST.get(claim, {})})).verdict == NOT_CONSISTENT


@pytest.mark.parametrize("claim", range(1, 13))
def test_not_measured_with_two_seeds_and_with_nothing(claim: int) -> None:
    few = answer(claim, evidence({"dt_iql": GOOD}, 2))
    assert few.verdict == NOT_MEASURED
    assert {part.why for part in few.parts} == {"2 seeds, and 3 are needed"}
    assert answer(claim, Evidence(())).verdict == NOT_MEASURED


@pytest.mark.parametrize("claim", [2, 3, 9, 12])
def test_not_measured_where_scenes_are_too_few_and_how_many_would_do(claim: int) -> None:
    found = answer(claim, evidence({"dt_iql": {"scenes": 12}}))
    assert found.verdict == NOT_MEASURED
    first = found.parts[0]
    assert first.scenes == 12
    assert first.interval is not None
    assert first.needed is None or first.needed > 12


def test_other_actors_students_are_another_matter() -> None:
    pathwise = replace(DT_IQL, actor=PATHWISE)
    groups = (*evidence({"dt_iql": GOOD}).groups, group(pathwise, guide="DT", rates=BAD))
    assert answer(2, Evidence(groups)).verdict == CONSISTENT
    assert answer(2, Evidence(groups), PATHWISE).verdict == NOT_CONSISTENT
    assert answer(3, Evidence(groups), PATHWISE).verdict == NOT_MEASURED  # GOLD (BC-IQL) has none


def test_last_checkpoints_are_decided_apart() -> None:
    last = replace(group(DT_IQL, name="last", rates=BAD), checkpoint="last")
    found = Evidence((*evidence({"dt_iql": GOOD}).groups, last))
    assert answer(2, found, checkpoint="last").verdict == NOT_CONSISTENT  # the guide has its best alone
    assert answer(4, found, checkpoint="last").verdict == NOT_MEASURED  # GOLD (DT-CVPO) has no last


def bench(slower: float, device: str = "some CPU") -> Bench:
    rows = (Measured("student", "bc", 100, 9, (0.1,) * 5), Measured("dt paper", "dt", 100, 9, (0.1 * slower,) * 5))
    return Bench(device, 1, rows)


def test_c13_from_benches() -> None:
    for times, verdict in ((10.0, CONSISTENT), (4.0, NOT_CONSISTENT), (21.0, NOT_CONSISTENT)):
        assert answer(13, Evidence((), benches=(bench(times),))).verdict == verdict
    found = answer(13, Evidence((), benches=(bench(10.0), bench(30.0, "some GPU"))))
    assert [part.verdict for part in found.parts] == [CONSISTENT, NOT_CONSISTENT]
    assert answer(13, Evidence((), benches=(Bench("CPU", 1, bench(1.0).rows[:1]),))).verdict == NOT_MEASURED


@pytest.mark.parametrize(("parameters", "verdict"), [(999, NOT_CONSISTENT), (1000, CONSISTENT)])
def test_c14_from_sizes(parameters: int, verdict: str) -> None:
    groups = (group(A_DT, parameters=parameters), group(DT_IQL, guide="DT", parameters=100))
    assert answer(14, Evidence(groups)).verdict == verdict
    assert answer(14, Evidence(groups[:1])).verdict == NOT_MEASURED


def taught(guide: float, student: float, name: str, kind: str = DT) -> list[Group]:
    """A guide and its students."""
    return [
        group(Algorithm(kind), name=name, rates={"success": guide}),
        group(Algorithm(IQL, kind, AWR), guide=name, name=f"{name} student", rates={"success": student}),
    ]


def test_c15_students_in_their_guides_order() -> None:
    worst, middle = taught(0.3, 0.35, "early DT"), taught(0.6, 0.65, "BC", BC)
    assert answer(15, Evidence((*worst, *middle, *taught(0.9, 0.95, "DT")))).verdict == CONSISTENT
    assert answer(15, Evidence((*worst, *middle, *taught(0.9, 0.4, "DT")))).verdict == NOT_CONSISTENT
    assert answer(15, Evidence((*worst, *middle))).verdict == NOT_MEASURED
    assert answer(15, Evidence((*worst, *middle, *taught(0.6, 0.95, "DT")))).verdict == NOT_MEASURED


def test_c16_from_learning_curves() -> None:
    guides = [curve(A_DT, (0.5, 1.0), best=100)]
    fast = [curve(DT_IQL, (0.5, 0.8 + 0.01 * seed, 0.9), seed) for seed in range(3)]
    slow = [curve(A_IQL, (0.1, 0.2 + 0.01 * seed, 0.3), seed) for seed in range(3)]
    found = answer(16, Evidence((), (*fast, *slow, *guides)))
    assert found.verdict == CONSISTENT
    area, steps = found.parts
    assert area.estimate == pytest.approx(((0.5 + 2 * 0.81 + 0.9) - (0.1 + 2 * 0.21 + 0.3)) / 4)
    # 0.9 x 0.5 is there at 100 steps; from scratch it never comes, and the 300 that there are count.
    assert steps.estimate == -200
    swapped = [replace(one, algorithm=A_IQL, group="s") for one in fast]
    swapped += [replace(one, algorithm=DT_IQL, group="g") for one in slow]
    assert answer(16, Evidence((), (*swapped, *guides))).verdict == NOT_CONSISTENT
    assert answer(16, Evidence((), (*fast, *slow))).verdict == NOT_MEASURED
    assert answer(16, Evidence((), (*fast[:2], *slow, *guides))).verdict == NOT_MEASURED


def test_there_are_sixteen() -> None:
    assert [claim.name for claim in CLAIMS] == [f"C{number:02d}" for number in range(1, 17)]
    assert len(decide(Evidence(()), "best")) == 2 * 14 + 2
