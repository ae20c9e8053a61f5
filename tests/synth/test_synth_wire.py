import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gold_data.synth.wire import repeated_points, repeated_states
from gold_data.womd.messages import STATE
from gold_data.womd.protobuf import ScenarioMessage

NUMBERS = st.floats(-1e6, 1e6, width=32)


@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(0, 9), st.just(3)), elements=NUMBERS))
def test_points_are_what_protobuf_writes(points: np.ndarray) -> None:
    message = ScenarioMessage()
    edge = message.map_features.add(id=1).road_edge
    for x, y, z in points.tolist():
        edge.polyline.add(x=x, y=y, z=z)
    assert repeated_points(2, points) == edge.SerializeToString()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.lists(NUMBERS, min_size=9, max_size=9)), max_size=9))
def test_states_are_what_protobuf_writes(rows: list[tuple[bool, list[float]]]) -> None:
    states = np.array([(*(values if valid else [0.0] * 9), valid) for valid, values in rows], dtype=STATE)
    track = ScenarioMessage().tracks.add()
    for row in states:
        if row["valid"]:
            track.states.add(**{name: row[name].item() for name in STATE.names or ()})
        else:
            track.states.add(center_z=0.0, valid=False)
    assert repeated_states(states) == track.SerializeToString()
