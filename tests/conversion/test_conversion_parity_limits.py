"""Every limit of a parity check is missed by what lies just beyond it, and held by what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from parity_material import drive, row, stretch

from gold_data.conversion.parity_limits import AFTER, BEFORE, findings, quantile
from gold_data.conversion.parity_rows import ParitySummary
from gold_data.replay.parity import Agreement, DriveParity, Off


def _missed(*drives: DriveParity) -> set[str]:
    summary = ParitySummary()
    summary.add(row(*drives))
    return {finding.limit.name for finding in findings(summary) if finding.missed}


def test_drives_that_agree_miss_nothing() -> None:
    assert _missed(drive(), drive("log"), drive("random")) == set()


def test_without_drives_nothing_is_missed() -> None:
    found = findings(ParitySummary())
    assert len(found) == len(BEFORE) + len(AFTER)
    assert not any(finding.missed for finding in found)


@pytest.mark.parametrize(
    ("name", "held", "beyond"),
    [
        ("reward > 1e-3", {"reward": Off(1000, 1, 1, 9.0)}, {"reward": Off(1000, 2, 0, 2e-3)}),
        ("navigation_stock > 1e-3", {"navigation_stock": Off(1000, 1)}, {"navigation_stock": Off(1000, 2)}),
        ("navigation > 1e-3", {"navigation": Off(1000, 1)}, {"navigation": Off(1000, 2)}),
        ("ego > 1e-2", {"ego": Off(1000, 99, 5)}, {"ego": Off(1000, 99, 6)}),
        ("pace > 1e-2", {"pace": Off(1000, 99, 5)}, {"pace": Off(1000, 99, 6)}),
        ("side > 1e-2", {"side": Off(1000, 99, 5)}, {"side": Off(1000, 99, 6)}),
        ("lidar > 1e-2", {"lidar": Off(1000, 99, 5)}, {"lidar": Off(1000, 99, 6)}),
    ],
)
def test_values(name: str, held: dict[str, Off], beyond: dict[str, Off]) -> None:
    assert _missed(drive(before=stretch(90, **held))) == set()
    assert _missed(drive(before=stretch(90, **beyond))) == {name}


def test_distance() -> None:
    def at_the_end(distance: float) -> DriveParity:
        return drive(position=(0.0,) * 90 + (distance,))

    near, far = at_the_end(0.009), at_the_end(0.06)
    assert _missed(*[near] * 20) == set()
    assert _missed(*[near] * 19, far) == set()
    assert _missed(*[near] * 9, far, far) == {"distance, step 90, p95"}
    assert _missed(near, far, far) == {"distance, step 90, median", "distance, step 90, p95"}
    assert _missed(replace(far, drive="log")) == set()
    assert _missed(replace(far, first_contact=90)) == set()


def test_flags_and_arrival() -> None:
    one_in_thousand = replace(stretch(1), contact=Agreement(neither=999, batched=1))
    two = replace(stretch(1), contact=Agreement(neither=998, batched=1, metadrive=1))
    assert _missed(drive(before=one_in_thousand)) == set()
    assert _missed(drive(before=two)) == {"contact flags wrong"}
    assert _missed(drive(), drive(arrived_before=(True, False))) == {"arrived in one alone"}
    assert _missed(drive(arrived=(True, False), first_contact=80)) == set()


def test_behind_the_contact() -> None:
    poor = replace(stretch(1), contact=Agreement(both=92, metadrive=8), contact_at_pose=Agreement(both=96, metadrive=4))
    assert _missed(drive(after=poor, first_contact=50)) == {"after: flags wrong", "after: at MetaDrive's pose"}
    pushed = drive(first_contact=50, position=(0.0,) * 60 + (0.7,) + (0.0,) * 30)
    assert _missed(pushed) == {"contact + 10, median", "contact + 10, p95"}


def test_quantiles() -> None:
    assert quantile([], 0.5) is None
    assert quantile([1.0, 2.0, 4.0], 0.5) == 2.0
