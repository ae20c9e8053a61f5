import numpy as np
import pytest

from gold_data.synth.draft import Place
from gold_data.synth.kinds import ObjectType
from gold_data.synth.places import draw_place
from gold_data.synth.roadside import parked_cars, people_crossing, people_on_sidewalks
from gold_data.synth.signals import draw_plan

SEEDS = range(6)
TIME = np.arange(91) / 10


def place_of(seed: int) -> Place:
    return draw_place("lights", np.random.default_rng(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_parked_cars_stand_still_beside_a_road(seed: int) -> None:
    place = place_of(seed)
    cars = parked_cars(place, 0.8, 91, np.random.default_rng(seed))
    strips = [(road, strip) for road in place.roads for strip in road.parking]
    assert bool(cars) == bool(strips)
    for car in cars:
        assert np.ptp(car.points, axis=0).tolist() == [0, 0]
        away = min(
            float(np.linalg.norm(road.reference.beside(strip.lateral).points - car.points[0], axis=1).min())
            for road, strip in strips
        )
        assert away < 0.3
        assert car.size[1] < 2.05


def test_the_share_of_places_taken_is_what_was_asked_for() -> None:
    place = place_of(2)
    counts = [len(parked_cars(place, filled, 2, np.random.default_rng(0))) for filled in (0.0, 0.5, 1.0)]
    assert counts[0] == 0
    assert counts[1] == pytest.approx(counts[2] / 2, rel=0.25)


def test_people_on_sidewalks_walk_outside_the_kerbs() -> None:
    walked = []
    for seed in SEEDS:
        place = place_of(seed)
        for person in people_on_sidewalks(place, 2.0, TIME, np.random.default_rng(seed)):
            assert person.type == ObjectType.PEDESTRIAN
            beside = [
                np.linalg.norm(road.reference.points - person.points[0], axis=1).min() - road.border
                for road in place.roads
                if road.walk
            ]
            assert min(abs(offset - 1.65) for offset in beside) < 0.9
            walked.append(np.linalg.norm(np.diff(person.points, axis=0), axis=1).max() * 10)
    assert max(walked) < 1.75
    assert min(walked) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_people_are_on_the_crosswalk_only_while_its_cars_have_red(seed: int) -> None:
    place, plan = place_of(seed), draw_plan(np.random.default_rng(seed))
    for walker in people_crossing(place, plan, 2.0, TIME, np.random.default_rng(seed)):
        speeds = np.linalg.norm(np.diff(walker.user.points, axis=0), axis=1) * 10
        assert speeds.max() < 1.72
        assert np.abs(np.diff(speeds)).max() * 10 < 4.0
        walking = TIME[1:][speeds > 0.05]
        assert ((walking >= walker.begins) & (walking <= walker.ends + 0.2)).all()
        if walker.crossing.axis is not None:
            spans = plan.walk(walker.crossing.axis, 9.0)
            assert all(any(start <= at <= end for start, end in spans) for at in walking)


def test_some_people_cross_during_a_record() -> None:
    crossed = sum(
        np.ptp(walker.user.points, axis=0).max() > 5
        for seed in SEEDS
        for walker in people_crossing(place_of(seed), None, 2.0, TIME, np.random.default_rng(seed))
    )
    assert crossed > 10
