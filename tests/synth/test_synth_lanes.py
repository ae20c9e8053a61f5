from functools import cache

import numpy as np
import pytest

from gold_data.synth.draft import Place
from gold_data.synth.kinds import LaneType, LineType
from gold_data.synth.lanes import MapOfPlace, draw_map
from gold_data.synth.places import SHARES, Kind, draw_place
from gold_data.synth.sites import draw_site
from gold_data.womd.messages import BoundarySegment, Crosswalk, Driveway, Lane, RoadEdge, RoadLine, SpeedBump, StopSign

KINDS: list[Kind] = list(SHARES)


@cache
def drawn(kind: Kind) -> Place:
    return draw_place(kind, np.random.default_rng(5))


@cache
def made(kind: Kind) -> MapOfPlace:
    return draw_map(drawn(kind), draw_site(np.random.default_rng(6)))


def lanes_of(kind: Kind) -> dict[int, Lane]:
    return {feature.id: feature for feature in made(kind).features if isinstance(feature, Lane)}


@pytest.mark.parametrize("kind", KINDS)
def test_points_lie_half_a_metre_apart(kind: Kind) -> None:
    for feature in made(kind).features:
        if isinstance(feature, Lane | RoadLine | RoadEdge):
            between = np.linalg.norm(np.diff(feature.polyline[:, :2], axis=0), axis=1)
            assert between.max() < 0.5001
            assert between.min() > 0.25


@pytest.mark.parametrize("kind", KINDS)
def test_links_are_mutual_and_meet_in_one_point(kind: Kind) -> None:
    lanes = lanes_of(kind)
    links = {(id, to) for id, lane in lanes.items() for to in lane.exit_lanes}
    assert links == {(before, id) for id, lane in lanes.items() for before in lane.entry_lanes}
    assert len(links) > 10
    for id, to in links:
        assert (lanes[id].polyline[-1] == lanes[to].polyline[0]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_links_are_all_there_are(kind: Kind) -> None:
    driven = [lane for lane in lanes_of(kind).values() if lane.type != LaneType.BIKE_LANE]
    starts = {tuple(lane.polyline[0]) for lane in driven}
    for lane in driven:
        assert bool(lane.exit_lanes) == (tuple(lane.polyline[-1]) in starts)


@pytest.mark.parametrize("kind", KINDS)
def test_neighbours_are_mutual_and_lie_beside(kind: Kind) -> None:
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
                assert 3.1 < side * left < 3.8
                seen += 1
    assert seen > 10 or kind == "roundabout"


def _checked(segment: BoundarySegment, lane: Lane, kind: Kind) -> int:
    features = {feature.id: feature for feature in made(kind).features}
    boundary = features[segment.boundary_feature_id]
    assert isinstance(boundary, RoadLine | RoadEdge)
    assert segment.boundary_type == (boundary.type if isinstance(boundary, RoadLine) else LineType.UNKNOWN)
    assert 0 <= segment.lane_start_index < segment.lane_end_index < len(lane.polyline)
    apart = np.linalg.norm(boundary.polyline - lane.polyline[len(lane.polyline) // 2], axis=1).min()
    assert 0.9 < apart < 2.8
    return 1


@pytest.mark.parametrize("kind", KINDS)
def test_boundaries_name_features_that_run_along_the_lane(kind: Kind) -> None:
    seen = 0
    for lane in lanes_of(kind).values():
        for segment in (*lane.left_boundaries, *lane.right_boundaries):
            seen += _checked(segment, lane, kind)
        for neighbor in (*lane.left_neighbors, *lane.right_neighbors):
            seen += sum(_checked(segment, lane, kind) for segment in neighbor.boundaries)
    assert seen > 30


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_unique(kind: Kind) -> None:
    ids = [feature.id for feature in made(kind).features]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", KINDS)
def test_each_connector_has_a_lane_between_two_others(kind: Kind) -> None:
    lanes = lanes_of(kind)
    connectors = made(kind).connector_lanes
    assert len(connectors) == len(drawn(kind).connectors)
    for id in connectors:
        assert len(lanes[id].entry_lanes) == len(lanes[id].exit_lanes) == 1


def test_stop_signs_hold_for_lanes_that_begin_beside_them() -> None:
    lanes = lanes_of("stops")
    signs = [feature for feature in made("stops").features if isinstance(feature, StopSign)]
    assert len(signs) >= 2
    for sign in signs:
        assert sign.lane
        for id in sign.lane:
            assert 2.0 < np.linalg.norm(lanes[id].polyline[0, :2] - sign.position[:2]) < 11.0
            assert 1.5 < sign.position[2] - lanes[id].polyline[0, 2] < 2.7
    assert len({id for sign in signs for id in sign.lane}) == sum(len(sign.lane) for sign in signs)


def test_all_kinds_of_features_are_drawn() -> None:
    kinds = {type(feature) for kind in KINDS for feature in made(kind).features}
    assert kinds == {Lane, RoadLine, RoadEdge, StopSign, Crosswalk, SpeedBump, Driveway}
