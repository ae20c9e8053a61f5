"""The claims of paper and page (algorithms 4, C01 to C16), and the rules by which evidence decides them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gold_train.report.algorithms import ACTORS, BC, CVPO, DT, IQL
from gold_train.report.evidence import Evidence, Seat
from gold_train.report.rules import All, Around, Below, Better, Gain, RelativeGain, Rule
from gold_train.report.rules_of_runs import Faster, InOrder, Larger, LearnsFaster
from gold_train.report.verdict import Part, Verdict, of_all

_BC, _DT, _IQL, _CVPO = Seat(BC), Seat(DT), Seat(IQL), Seat(CVPO)
_BC_IQL, _DT_CVPO, _DT_IQL = Seat(IQL, BC), Seat(CVPO, DT), Seat(IQL, DT)


@dataclass(frozen=True)
class Claim:
    """One claim."""

    number: int
    statement: str
    paper: str  # what the paper or its page has of it
    rule: Rule
    of_iql: bool = True  # whether it depends on the actor of IQL students

    @property
    def name(self) -> str:
        """C01 and so on."""
        return f"C{self.number:02d}"


@dataclass(frozen=True)
class Decided:
    """A claim for one actor of IQL students and one kind of checkpoint."""

    claim: str
    statement: str
    paper: str
    actor: str | None
    checkpoint: str
    verdict: Verdict
    parts: tuple[Part, ...]


CLAIMS: Final[tuple[Claim, ...]] = (
    Claim(
        1,
        "DT beats BC in return and in cost",
        "133.48 vs 115.78; cost 1.25 vs 1.14: its own row contradicts the cost",
        Better((_DT,), (_BC,), ("returned", "cost")),
        of_iql=False,
    ),
    Claim(
        2,
        "GOLD (DT-IQL) succeeds more than DT",
        "73 vs 54 %",
        Better((_DT_IQL,), (_DT,), ("success", "success_late")),
    ),
    Claim(
        3,
        "GOLD (DT-IQL) beats GOLD (BC-IQL) in success and return",
        "73 vs 63 %; 143.69 (in the authors' file 134.69) vs 141.93",
        Better((_DT_IQL,), (_BC_IQL,), ("success", "returned")),
    ),
    Claim(
        4,
        "GOLD (DT-IQL) beats GOLD (DT-CVPO) in success and return",
        "73 vs 62 %; 143.69 vs 115.66",
        Better((_DT_IQL,), (_DT_CVPO,), ("success", "returned")),
    ),
    Claim(
        5,
        "GOLD (DT-IQL) beats IQL and CVPO from scratch in success and return",
        "73 vs 40 and 58 %",
        Better((_DT_IQL,), (_IQL, _CVPO), ("success", "returned")),
    ),
    Claim(
        6,
        "CVPO beats IQL from scratch in success and return",
        "58 vs 40 %; 113.48 vs 26.29",
        Better((_CVPO,), (_IQL,), ("success", "returned")),
    ),
    Claim(
        7,
        "every variant of GOLD beats both learners from scratch",
        "its own row contradicts it: cost of DT-CVPO 1.25, of CVPO 1.05",
        Better((_BC_IQL, _DT_CVPO, _DT_IQL), (_IQL, _CVPO), ("success", "returned", "cost")),
    ),
    Claim(
        8,
        "return about 15 % above the baselines",
        "+7.6 to +26.6 % (by the authors' file +0.9 to +18.7 %)",
        RelativeGain(_DT_IQL, (_BC, _DT, _CVPO), 0.15),
    ),
    Claim(
        9,
        "success 12 points above the best other variant",
        "+10 by its row",
        Gain(_DT_IQL, (_BC_IQL, _DT_CVPO), 0.12),
    ),
    Claim(
        10,
        "cost stays below the threshold",
        "1.15; the threshold is not given: 1 here, 10 in the authors' code",
        All((Below("cost", (_DT_IQL,), 1.0), Below("cost", (_DT_IQL,), 10.0))),
    ),
    Claim(
        11,
        "collisions fall from 30 % to under 3 % (page)",
        "no figures",
        All((Around("contact", _DT, 0.30), Below("contact", (_DT_IQL,), 0.03))),
    ),
    Claim(
        12,
        "success 15 points above the best learner from scratch (page)",
        "73 - 58",
        Gain(_DT_IQL, (_IQL, _CVPO), 0.15),
    ),
    Claim(13, "the student is about 10 times as fast as its guide", "0.03 vs 0.31 s per 100", Faster(5, 20), False),
    Claim(14, "the guide has 10 times the student's parameters or more", "670k", Larger(_DT_IQL, 10)),
    Claim(15, "a better guide makes a better student", "the order BC, DT is kept", InOrder(IQL, 3)),
    Claim(16, "guidance speeds learning", "Fig. 2", LearnsFaster(_DT_IQL, _IQL)),
)


def decide(
    evidence: Evidence, checkpoint: str, actors: Sequence[str] = ACTORS, claims: Sequence[Claim] = CLAIMS
) -> list[Decided]:
    """Decide claims by the students of this checkpoint, those that depend on IQL's actor for each of `actors`."""
    decided = []
    for claim in claims:
        for actor in actors if claim.of_iql else (None,):
            parts = tuple(claim.rule.parts(evidence, actor, checkpoint))
            decided.append(Decided(claim.name, claim.statement, claim.paper, actor, checkpoint, of_all(parts), parts))
    return decided
