from functools import cache

import numpy as np
import pytest

from gold_data.synth.kinds import LaneType, LineType
from gold_data.synth.lanes import MapOfPlace, draw_map
from gold_data.synth.places import avenue, crossroads, motorway
from gold_data.synth.sites import draw_site
from gold_data.womd.messages import BoundarySegment, Lane, RoadEdge, RoadLine

KINDS = ["crossroads", "avenue", "motorway"]


@cache
def made(kind: str) -> MapOfPlace:
    random = np.random.default_rng(5)
    places = {
        "crossroads": lambda: crossroads(random),
        "avenue": lambda: avenue(random, curved=True),
        "motorway": lambda: motorway(random, curved=True),
    }
    return draw_map(places[kind](), draw_site(random))


def lanes_of(kind: str) -> dict[int, Lane]:
    return {feature.id: feature for feature in made(kind).features if isinstance(feature, Lane)}


@pytest.mark.parametrize("kind", KINDS)
def test_points_lie_half_a_metre_apart(kind: str) -> None:
    for feature in made(kind).features:
        if isinstance(feature, Lane | RoadLine | RoadEdge):
            between = np.linalg.norm(np.diff(feature.polyline[:, :2], axis=0), axis=1)
            assert between.max() < 0.5001
            assert between.min() > 0.47


@pytest.mark.parametrize("kind", KINDS)
def test_links_are_mutual_and_meet_in_one_point(kind: str) -> None:
    lanes = lanes_of(kind)
    links = {(id, to) for id, lane in lanes.items() for to in lane.exit_lanes}
    assert links == {(before, id) for id, lane in lanes.items() for before in lane.entry_lanes}
    assert len(links) > 10
    for id, to in links:
        assert (lanes[id].polyline[-1] == lanes[to].polyline[0]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_links_are_all_there_are(kind: str) -> None:
    driven = [lane for lane in lanes_of(kind).values() if lane.type != LaneType.BIKE_LANE]
    starts = {tuple(lane.polyline[0]) for lane in driven}
    for lane in driven:
        assert bool(lane.exit_lanes) == (tuple(lane.polyline[-1]) in starts)


@pytest.mark.parametrize("kind", KINDS)
def test_neighbours_are_mutual_and_lie_beside(kind: str) -> None:
    lanes = lanes_of(kind)
    seen = 0
    for id, lane in lanes.items():
        for side, neighbors in ((1, lane.left_neighbors), (-1, lane.right_neighbors)):
            for neighbor in neighbors:
                other = lanes[neighbor.feature_id]
                back = other.right_neighbors if side == 1 else other.left_neighbors
                assert [mutual.feature_id for mutual in back] == [id]
                assert neighbor.self_end_index == len(lane.polyline) - 1 == back[0].neighbor_end_index
                assert neighbor.neighbor_end_index == len(other.polyline) - 1
                along, across = lane.polyline[1] - lane.polyline[0], other.polyline[0] - lane.polyline[0]
                left = (along[0] * across[1] - along[1] * across[0]) / np.hypot(*along[:2])
                assert 3.4 < side * left < 3.8
                seen += 1
    assert seen > 10


def _checked(segment: BoundarySegment, lane: Lane, kind: str) -> int:
    features = {feature.id: feature for feature in made(kind).features}
    boundary = features[segment.boundary_feature_id]
    assert isinstance(boundary, RoadLine | RoadEdge)
    assert segment.boundary_type == (boundary.type if isinstance(boundary, RoadLine) else LineType.UNKNOWN)
    assert 0 <= segment.lane_start_index < segment.lane_end_index < len(lane.polyline)
    apart = np.linalg.norm(boundary.polyline - lane.polyline[len(lane.polyline) // 2], axis=1).min()
    assert 0.9 < apart < 2.5
    return 1


@pytest.mark.parametrize("kind", KINDS)
def test_boundaries_name_features_that_run_along_the_lane(kind: str) -> None:
    seen = 0
    for lane in lanes_of(kind).values():
        for segment in (*lane.left_boundaries, *lane.right_boundaries):
            seen += _checked(segment, lane, kind)
        for neighbor in (*lane.left_neighbors, *lane.right_neighbors):
            seen += sum(_checked(segment, lane, kind) for segment in neighbor.boundaries)
    assert seen > 30


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_unique(kind: str) -> None:
    ids = [feature.id for feature in made(kind).features]
    assert len(ids) == len(set(ids))


def test_each_connector_has_a_lane_between_two_others() -> None:
    lanes = lanes_of("crossroads")
    connectors = made("crossroads").connector_lanes
    assert len(connectors) >= 12
    for id in connectors:
        assert len(lanes[id].entry_lanes) == len(lanes[id].exit_lanes) == 1
