"""Which scenarios of a dataset were cut from one drive, as its plan says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gold_data.errors import DatasetError


@dataclass(frozen=True)
class DriveContents:
    """Drives of the scenarios that were planned; `of_several` lists those of more than one, by scenario ids."""

    drives: int
    scenarios: int
    of_several: tuple[tuple[str, ...], ...]

    @property
    def largest(self) -> int:
        """Scenarios of the drive that has the most."""
        return max((len(one) for one in self.of_several), default=min(self.drives, 1))


def drive_contents(plan: Mapping[str, Any]) -> DriveContents | None:
    """Group the planned scenarios of a plan.json, {} where there is none; raises DatasetError where it is no plan."""
    if not plan:
        return None
    scenarios: dict[str, list[str]] = {}
    try:
        for unit in plan["units"]:
            for record in unit["records"]:
                scenarios.setdefault(record["drive"], []).append(record["scenario_id"])
    except (KeyError, TypeError) as error:
        raise DatasetError("plan.json: holds something else than a plan; fetch or convert the dataset again") from error
    several = sorted(tuple(sorted(ids)) for ids in scenarios.values() if len(ids) > 1)
    return DriveContents(len(scenarios), sum(map(len, scenarios.values())), tuple(several))
