import numpy as np
import pytest

from gold_data.synth.kinds import ObjectType
from gold_data.synth.places import avenue, crossroads
from gold_data.synth.roadside import parked_cars, people_crossing, people_on_sidewalks
from gold_data.synth.signals import draw_plan
from gold_data.synth.traffic import STEP, TIME

SEEDS = range(12)


def test_parked_cars_stand_between_lane_and_kerb() -> None:
    random = np.random.default_rng(3)
    place = avenue(random, curved=False)
    cars = parked_cars(place, random)
    assert len(cars) > 10
    for car in cars:
        assert np.ptp(car.points, axis=0).tolist() == [0, 0]
        gaps = [
            (road.border - abs(car.points[0, 1] - road.reference.points[0, 1]) - car.size[1] / 2, road)
            for road in place.roads
        ]
        to_kerb, road = min(gaps, key=lambda gap: abs(gap[0]))
        assert 0.1 < to_kerb < 0.5
        outermost = max(abs(lane.lateral) + lane.width / 2 for lane in road.lanes)
        assert road.border - to_kerb - car.size[1] > outermost


def test_people_on_sidewalks_walk_outside_the_kerbs() -> None:
    walked = []
    for seed in SEEDS:
        random = np.random.default_rng(seed)
        place = avenue(random, curved=False)
        for person in people_on_sidewalks(place, random):
            assert person.type == ObjectType.PEDESTRIAN
            offsets = [
                abs(np.abs(person.points[:, 1] - road.reference.points[0, 1]) - road.border) for road in place.roads
            ]
            assert 0.8 < min(offset.min() for offset in offsets) < 2.5
            walked.append(np.linalg.norm(np.diff(person.points, axis=0), axis=1).max() / STEP)
    assert max(walked) < 1.71
    assert min(walked) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_people_are_on_the_crosswalk_only_while_its_cars_have_red(seed: int) -> None:
    random = np.random.default_rng(seed)
    place, plan = crossroads(random), draw_plan(random)
    for person in people_crossing(place, plan, random):
        speeds = np.linalg.norm(np.diff(person.points, axis=0), axis=1) / STEP
        assert speeds.max() < 1.72
        assert np.abs(np.diff(speeds)).max() / STEP < 4.0
        arm = min(
            place.crossings, key=lambda crossing: float(np.linalg.norm(crossing.walk.points.mean(0) - person.points[0]))
        ).road
        walking = TIME[1:][speeds > 0.05]
        spans = plan.walk(arm % 2)
        assert all(any(start <= at <= end for start, end in spans) for at in walking)


def test_some_people_cross_during_a_record() -> None:
    crossed = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        place, plan = crossroads(random), draw_plan(random)
        crossed += sum(np.ptp(person.points, axis=0).max() > 5 for person in people_crossing(place, plan, random))
    assert crossed > 10
