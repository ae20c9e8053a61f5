"""The traffic signals of a stored description, checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from gold_data.scenarionet.description import DescriptionError
from gold_data.scenarionet.expected import array, entry, mapping, of_type
from gold_data.scenarionet.signals import SIGNAL_STATES


def restore_signals(stored: Any, length: int, dataset: str) -> dict[str, Any]:
    """Make {lane id: type, state, lane, stop_point, metadata} as `describe_signals` does.

    Raises DescriptionError: an unknown state, a wrong number of them, an id that is not the lane's; and signals of the
    forms before April 2023, whose states are arrays of numbers. Their writer made these arrays anew at each step, so
    that of each signal the last step that showed it is left: which colour it had before cannot be known.
    """
    restored: dict[str, Any] = {}
    for name, signal in mapping(stored, "dynamic_map_states").items():
        where = f"the signal of lane {name}"
        kept = entry(signal, "state", dict, where)
        if isinstance(kept.get("object_state"), np.ndarray):
            raise DescriptionError(_damage(stored))
        states = entry(kept, "object_state", list, where)
        for state in states:
            if state is not None and of_type(state, str, f"a state of {where}") not in SIGNAL_STATES:
                raise DescriptionError(f"{where} has the state {state!r:.80}, which WOMD does not know")
        if len(states) != length:
            raise DescriptionError(f"{where} has {len(states)} states, the scenario {length} steps")
        lane = entry(signal, "lane", int, where)
        if str(lane) != name or entry(signal, "type", str, where) != "TRAFFIC_LIGHT":
            raise DescriptionError(f"{where} is a {signal['type']} of lane {lane}")
        stop_point = signal.get("stop_point")
        restored[name] = {
            "type": "TRAFFIC_LIGHT",
            "state": {"object_state": list(states)},
            "lane": lane,
            "stop_point": None if stop_point is None else array(signal, "stop_point", np.float32, (3,), where),
            "metadata": {"track_length": length, "type": "TRAFFIC_LIGHT", "object_id": name, "dataset": dataset},
        }
    return restored


def _damage(stored: dict[str, dict[str, Any]]) -> str:
    states = [signal["state"] for signal in stored.values() if isinstance(signal.get("state"), dict)]
    kept = sum(np.count_nonzero(state["lane"]) for state in states if isinstance(state.get("lane"), np.ndarray))
    return (
        f"its traffic signals are damaged: as MetaDrive wrote them until April 2023, {len(stored)} signals keep "
        f"{kept} steps in all; make the database anew from WOMD, or convert WOMD itself"
    )
