from enum import IntEnum

import pytest

from gold_data.synth.kinds import EdgeType, LaneType, LineType, ObjectType, SignalState
from gold_data.womd.protobuf import ScenarioMessage

FILE = ScenarioMessage.DESCRIPTOR.file
MAP = FILE.dependencies[0].message_types_by_name


@pytest.mark.parametrize(
    ("kinds", "message", "enumeration", "prefix"),
    [
        (ObjectType, FILE.message_types_by_name["Track"], "ObjectType", "TYPE_"),
        (LaneType, MAP["LaneCenter"], "LaneType", "TYPE_"),
        (LineType, MAP["RoadLine"], "RoadLineType", "TYPE_"),
        (EdgeType, MAP["RoadEdge"], "RoadEdgeType", "TYPE_ROAD_EDGE_"),
        (SignalState, MAP["TrafficSignalLaneState"], "State", "LANE_STATE_"),
    ],
)
def test_numbers_are_those_of_the_schema(kinds: type[IntEnum], message: object, enumeration: str, prefix: str) -> None:
    values = message.enum_types_by_name[enumeration].values_by_name  # type: ignore[attr-defined]
    assert {prefix + kind.name: kind.value for kind in kinds}.items() <= {
        n: v.number for n, v in values.items()
    }.items()
