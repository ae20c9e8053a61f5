"""Who was considered and not kept, and why, in words: the rows of rejected.jsonl."""

from __future__ import annotations

from dataclasses import dataclass

from gold_data.errors import DatasetError
from gold_data.shards import Dataset
from gold_data.trajectories.acceptance import RULES
from gold_data.views.small_files import read_rows

_NAMES = ("scenario", "ego", "rule", "value", "threshold", "detail", "source", "offset", "crc")
_OF_THE_EGO = 0
"""`demonstration` of a row about the drive along the record; others are about disturbed drives of one that was kept."""

UNITS = {
    "too_short": "steps",
    "bad_heading": "rad",
    "parked": "m",
    "pose_jump": "m/s",
    "no_map": "m",
    "no_arrival": "m",
    "tracking_error": "m",
}
"""What a rule's value and threshold are measured in; costs are numbers of their own."""


@dataclass(frozen=True)
class RejectedEgo:
    """A row of rejected.jsonl; `ego` is empty where the scenario has none."""

    scenario: str
    ego: str
    rule: str
    value: float | None
    threshold: float | None
    detail: str
    source: str
    offset: int
    crc: int

    @property
    def id(self) -> str:
        """Scenario and ego, as `scenario/ego`."""
        return f"{self.scenario}/{self.ego}" if self.ego else self.scenario

    @property
    def reason(self) -> str:
        """What the rule means, what it met, and what it allows."""
        unit = f" {UNITS[self.rule]}" if self.rule in UNITS else ""
        allowed = "" if self.threshold is None else f" where the threshold is {self.threshold:g}{unit}"
        met = "" if self.value is None else f"; {self.value:.3g}{unit}{allowed}"
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.rule}: {RULES.get(self.rule, 'a rule that this version does not have')}{met}{detail}"


def rejected_egos(dataset: Dataset) -> tuple[RejectedEgo, ...]:
    """Read them, ordered by id. Raises DatasetError where rejected.jsonl cannot be read."""
    rows = read_rows(dataset.root / "rejected.jsonl", *_NAMES)
    egos = [
        RejectedEgo(**{name: row[name] for name in _NAMES})
        for row in rows
        if row.get("demonstration", _OF_THE_EGO) == _OF_THE_EGO
    ]
    return tuple(sorted(egos, key=lambda ego: (ego.scenario, ego.ego, ego.rule)))


def first_of_each_rule(egos: tuple[RejectedEgo, ...]) -> tuple[RejectedEgo, ...]:
    """The first of each rule, in the order in which rules are asked; those that RULES does not have come last."""
    first: dict[str, RejectedEgo] = {}
    for ego in egos:
        first.setdefault(ego.rule, ego)
    return tuple(first[rule] for rule in [*RULES, *sorted(set(first) - set(RULES))] if rule in first)


def rejected_ego(dataset: Dataset, name: str) -> RejectedEgo:
    """Find who is called `scenario/ego`, or the first of a scenario; raises DatasetError where nobody is."""
    for ego in rejected_egos(dataset):
        if name in (ego.id, ego.scenario):
            return ego
    raise DatasetError(f"{dataset.root}: rejected.jsonl has no {name}; name one of its rows as scenario/ego")
