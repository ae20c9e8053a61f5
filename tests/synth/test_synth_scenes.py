from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from gold_data.synth.drives import CURRENT, make_scenario
from gold_data.synth.kinds import LaneType, LineType, ObjectType, SignalState
from gold_data.synth.road_users import MARGIN, RoadUser, occupied
from gold_data.synth.scenes import SDC_SIZE
from gold_data.synth.traffic import STEP
from gold_data.womd.messages import Lane, RoadEdge, RoadLine, Scenario, Track

SEEDS = range(16)
STEPS = 91


@cache
def made(seed: int) -> Scenario:
    return make_scenario(seed, 3)


def position(track: Track) -> NDArray[np.float64]:
    return np.stack([track.states["center_x"], track.states["center_y"]], axis=1)


def corners(track: Track) -> NDArray[np.float64]:
    """(T, 4, 2) corners of what the track takes in the record or in MetaDrive."""
    states = track.states
    size = float(states["length"].max()), float(states["width"].max()), 1.0
    user = RoadUser(ObjectType(track.object_type), size, position(track), states["heading"], states["valid"])
    length, width = occupied(user)
    ahead = np.stack([np.cos(states["heading"]), np.sin(states["heading"])], axis=-1)[:, None] * length / 2
    left = np.stack([-np.sin(states["heading"]), np.cos(states["heading"])], axis=-1)[:, None] * width / 2
    signs = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]])
    return np.asarray(position(track)[:, None] + signs[:, :1] * ahead + signs[:, 1:] * left)


def distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Metres between two boxes (4, 2) that do not overlap: from the corners of each to the sides of the other."""
    distances = []
    for points, box in ((first, second), (second, first)):
        start, along = box, np.roll(box, -1, axis=0) - box
        share = ((points[:, None] - start) * along).sum(-1) / (along**2).sum(-1)
        nearest = start + np.clip(share, 0, 1)[..., None] * along
        distances.append(np.linalg.norm(points[:, None] - nearest, axis=-1).min())
    return float(min(distances))


def test_a_place_where_nobody_could_record_is_drawn_anew() -> None:
    """The first place of this one has no parked car, and no car that stays to its end."""
    scenario = make_scenario(102, 3433)
    sdc = scenario.tracks[scenario.sdc_track_index]
    assert sdc.states["valid"].all()


@pytest.mark.parametrize("seed", SEEDS)
def test_form_of_a_record(seed: int) -> None:
    scenario = made(seed)
    assert scenario.timestamps_seconds == pytest.approx(np.arange(91) * 0.1)
    assert scenario.current_time_index == CURRENT
    assert len(scenario.scenario_id) == 16
    assert int(scenario.scenario_id, 16) >= 0
    assert 1 <= len(scenario.tracks) < 300
    assert len({track.id for track in scenario.tracks}) == len(scenario.tracks)
    assert len(scenario.dynamic_map_states) == STEPS
    assert {len(track.states) for track in scenario.tracks} == {STEPS}
    assert set(scenario.objects_of_interest) <= {track.id for track in scenario.tracks}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sdc_is_a_waymo_car_that_is_always_there(seed: int) -> None:
    sdc = made(seed).tracks[made(seed).sdc_track_index]
    assert sdc.object_type == ObjectType.VEHICLE
    assert sdc.states["valid"].all()
    assert [sdc.states[name][0] for name in ("length", "width", "height")] == pytest.approx(SDC_SIZE)


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_comes_within_the_margin(seed: int) -> None:
    tracks = made(seed).tracks
    boxes = np.array([corners(track) for track in tracks])
    centres = np.array([position(track) for track in tracks])
    valid = np.array([track.states["valid"] for track in tracks])
    for step in range(0, STEPS, 3):
        there = np.flatnonzero(valid[:, step])
        apart = np.linalg.norm(centres[there, None, step] - centres[there, step], axis=-1)
        for first, second in np.argwhere(np.triu(apart < 12, 1)):
            assert distance(boxes[there[first], step], boxes[there[second], step]) >= MARGIN - 1e-3


@pytest.mark.parametrize("seed", SEEDS)
def test_motion_is_that_of_real_road_users(seed: int) -> None:
    for track in made(seed).tracks:
        states, valid = track.states, track.states["valid"]
        velocity = np.stack([states["velocity_x"], states["velocity_y"]], axis=1)
        inner = valid[1:-1] & valid[:-2] & valid[2:]
        moved = (position(track)[2:] - position(track)[:-2]) / (2 * STEP)
        assert velocity[1:-1][inner] == pytest.approx(moved[inner], abs=1e-3)
        speed = np.linalg.norm(velocity, axis=1)
        assert speed[valid].max() < 31
        both = valid[1:] & valid[:-1]
        acceleration = (np.diff(speed) / STEP)[both]
        assert np.abs(acceleration).max(initial=0) < 5.5
        turning = np.angle(np.exp(1j * np.diff(states["heading"].astype(float)))) / STEP
        moving = both & (speed[1:] > 1)
        assert np.abs(turning * speed[1:])[moving].max(initial=0) < 3.0
        course = np.arctan2(velocity[1:, 1], velocity[1:, 0]) - states["heading"][1:]
        assert np.abs(np.angle(np.exp(1j * course)))[moving].max(initial=0) < 0.1
        assert len({float(length) for length in states["length"][valid]}) == 1


def test_hard_braking_is_rare() -> None:
    changes = []
    for seed in SEEDS:
        for track in made(seed).tracks:
            speed = np.hypot(track.states["velocity_x"], track.states["velocity_y"])
            both = track.states["valid"][1:] & track.states["valid"][:-1]
            changes.append((np.diff(speed) / STEP)[both])
    acceleration = np.concatenate(changes)
    assert np.quantile(np.abs(acceleration), 0.99) < 2.5
    assert acceleration.min() < -1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_vehicles_stay_in_lanes_and_off_solid_lines(seed: int) -> None:
    scenario = made(seed)
    lanes, solid = [], []
    for feature in scenario.map_features:
        if isinstance(feature, Lane) and feature.type != LaneType.BIKE_LANE:
            lanes.append(feature.polyline[:, :2])
        elif isinstance(feature, RoadEdge) or (
            isinstance(feature, RoadLine) and feature.type != LineType.BROKEN_SINGLE_WHITE
        ):
            solid.append(feature.polyline[:, :2])
    middle, lines = np.concatenate(lanes), np.concatenate(solid)
    for track in scenario.tracks:
        parked = np.ptp(position(track)[track.states["valid"]], axis=0).max() == 0
        if track.object_type != ObjectType.VEHICLE or parked:
            continue
        steps = np.flatnonzero(track.states["valid"])[::30]
        for step in steps:
            # Half way from a lane to the next.
            assert np.linalg.norm(middle - position(track)[step], axis=1).min() < 2.0
            to_lines = np.linalg.norm(lines - corners(track)[step][:, None], axis=-1)
            assert to_lines.min() > 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_signals_are_of_lanes_that_exist_and_nobody_enters_one_on_red(seed: int) -> None:
    scenario = made(seed)
    lanes = {feature.id: feature for feature in scenario.map_features if isinstance(feature, Lane)}
    states = np.array([step["state"] for step in scenario.dynamic_map_states])
    for signal in scenario.dynamic_map_states[0]:
        entered = lanes[int(signal["lane"])].polyline[:, :2]
        assert signal["stop_point"][:2] == pytest.approx(entered[0])
        ahead = (entered[1] - entered[0]) / np.linalg.norm(entered[1] - entered[0])
        # Where one lane leads several ways, one who goes another way may have green.
        points = scenario.dynamic_map_states[0]["stop_point"]
        here = (points == signal["stop_point"]).all(axis=1)
        is_red = (states == SignalState.STOP) | (states == SignalState.ARROW_STOP)
        red: NDArray[np.bool_] = is_red[:, here].all(axis=1)
        for track in scenario.tracks:
            if track.object_type != ObjectType.VEHICLE:
                continue
            offset = position(track) - entered[0]
            front = offset @ ahead + track.states["length"].max() / 2
            facing = np.cos(track.states["heading"] - np.arctan2(ahead[1], ahead[0])) > 0.95
            aside = np.abs(offset @ np.array([-ahead[1], ahead[0]])) < 0.5
            valid = track.states["valid"][1:] & track.states["valid"][:-1] & facing[1:] & aside[1:]
            passed = (front[:-1] < -0.01) & (front[1:] >= 0) & valid
            assert not (passed & red[:-1]).any()


def test_many_scenarios_taken_together() -> None:
    distances, kinds, late, changing, lights = [], set(), 0, 0, set()
    for index in range(80):
        scenario = make_scenario(11, index)
        sdc = position(scenario.tracks[scenario.sdc_track_index])
        distances.append(np.linalg.norm(np.diff(sdc, axis=0), axis=1).sum())
        kinds |= {track.object_type for track in scenario.tracks}
        late += sum(not track.states["valid"].all() for track in scenario.tracks)
        states = np.array([step["state"] for step in scenario.dynamic_map_states])
        changing += bool(np.ptp(states, axis=0).any())
        lights |= set(states.ravel().tolist())
    assert 0.65 < np.mean(np.array(distances) > 10) < 0.88
    assert 25 < np.median(distances) < 50
    assert kinds == {1, 2, 3}
    assert late > 500
    assert changing > 10
    assert lights == set(SignalState)
