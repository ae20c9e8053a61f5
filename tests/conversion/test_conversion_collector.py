from __future__ import annotations

import gc

from gold_data.conversion.collector import ALLOCATIONS, settled_collector


def test_the_collector_is_as_it_was_afterwards() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with settled_collector():
        assert gc.get_threshold()[0] == ALLOCATIONS
        assert gc.get_freeze_count() > frozen
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_cycles_are_still_collected() -> None:
    class Knot:
        alive = 0

        def __init__(self) -> None:
            self.self = self
            Knot.alive += 1

        def __del__(self) -> None:
            Knot.alive -= 1

    with settled_collector():
        for _ in range(3 * ALLOCATIONS):
            Knot()
        assert Knot.alive <= 2 * ALLOCATIONS
