from __future__ import annotations

import numpy as np
from scenarionet_records import LANE, STEPS, assert_same, decoded, small_message

from gold_data.scenarionet.signals import describe_signals


def test_signal_lane_by_lane() -> None:
    assert_same(
        describe_signals(decoded(small_message()).dynamic_map_states, STEPS),
        {
            "1": {
                "type": "TRAFFIC_LIGHT",
                "state": {
                    "object_state": [None, None, *["LANE_STATE_STOP"] * 2, *["LANE_STATE_GO"] * 2],
                },
                "lane": LANE,
                "stop_point": np.array([5, 1, 0], dtype=np.float32),
                "metadata": {"track_length": STEPS, "type": "TRAFFIC_LIGHT", "object_id": "1", "dataset": "waymo"},
            }
        },
    )


def test_order_of_first_appearance_and_last_of_a_step() -> None:
    message = small_message()
    for lane, state in ((9, 1), (LANE, 2), (9, 3)):
        message.dynamic_map_states[0].lane_states.add(lane=lane, state=state)
    signals = describe_signals(decoded(message).dynamic_map_states, STEPS)
    assert list(signals) == ["9", "1"]
    assert signals["9"]["state"]["object_state"] == ["LANE_STATE_ARROW_GO", *[None] * (STEPS - 1)]
    assert signals["9"]["stop_point"].tolist() == [0, 0, 0]


def test_steps_after_the_last_timestamp_are_left_out() -> None:
    signals = describe_signals(decoded(small_message()).dynamic_map_states, 3)
    assert signals["1"]["state"]["object_state"] == [None, None, "LANE_STATE_STOP"]
    assert signals["1"]["stop_point"].tolist() == [2, 1, 0]
    assert describe_signals(decoded(small_message()).dynamic_map_states, 2) == {}
