from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scenarionet_old_forms import described, of_march_2023, stored
from scenarionet_records import assert_same

from gold_data.scenarionet import DescriptionError
from gold_data.scenarionet.stored_signals import restore_signals

STEPS = 6


def signals() -> dict[str, Any]:
    return dict(stored(described())["dynamic_map_states"])


def test_they_come_back() -> None:
    assert_same(restore_signals(signals(), STEPS, "waymo"), described()["dynamic_map_states"])


def test_a_signal_without_a_stop_point() -> None:
    found = signals()
    found["1"]["stop_point"] = None
    assert restore_signals(found, STEPS, "waymo")["1"]["stop_point"] is None


def test_numbers_for_states_are_damage_and_counted() -> None:
    found = of_march_2023(described())["dynamic_map_states"]
    found["2"] = {"state": {"object_state": np.zeros(STEPS, np.int64), "lane": np.array([0, 2, 2, 0, 0, 0])}}
    with pytest.raises(DescriptionError, match="as MetaDrive wrote them until April 2023, 2 signals keep 3 steps in"):
        restore_signals(found, STEPS, "waymo")


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("lane", 2, "the signal of lane 1 is a TRAFFIC_LIGHT of lane 2"),
        ("lane", "1", "'lane' of the signal of lane 1 is '1', not of type int"),
        ("type", "CROSSWALK", "the signal of lane 1 is a CROSSWALK of lane 1"),
        ("state", {"object_state": [None] * 5}, "the signal of lane 1 has 5 states, the scenario 6 steps"),
        ("state", {"object_state": ["GREEN"] * 6}, "has the state 'GREEN', which WOMD does not know"),
        ("state", {"object_state": [4] * 6}, "a state of the signal of lane 1 is 4, not of type str"),
        ("state", {}, "the signal of lane 1 has no 'object_state'"),
        ("stop_point", np.zeros(2, np.float32), r"is float32 \(2,\), not float32 \(3,\)"),
    ],
)
def test_a_signal_that_is_none(key: str, value: Any, reason: str) -> None:
    found = signals()
    found["1"][key] = value
    with pytest.raises(DescriptionError, match=reason):
        restore_signals(found, STEPS, "waymo")
