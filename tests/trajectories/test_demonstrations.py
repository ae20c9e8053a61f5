from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gold_data.replay import Description, Disturbance
from gold_data.settings import DemonstrationSettings
from gold_data.trajectories.demonstrations import course_of, draw_disturbance, draw_disturbances

FRAMES = 91


def description(name: str = "aa", ego: str = "7", stands_from: int = FRAMES) -> Description:
    """A car that drives along x at 10 m/s, and stands from a frame on."""
    along = np.minimum(np.arange(FRAMES), stands_from).astype(np.float32)
    state = {
        "position": np.column_stack([along, np.zeros((FRAMES, 2), np.float32)]),
        "velocity": np.column_stack([np.where(np.arange(FRAMES) < stands_from, 10.0, 0.0), np.zeros(FRAMES)]),
    }
    return {"id": name, "tracks": {ego: {"state": state}}}


def drawn(number: int, made: Description | None = None, ego: str = "7", **settings: Any) -> tuple[Disturbance, ...]:
    return draw_disturbances(made or description(), ego, DemonstrationSettings(number=number, **settings))


def same(one: Disturbance, other: Disturbance) -> bool:
    return (one.start, one.offset, one.amplitude) == (other.start, other.offset, other.amplitude) and bool(
        (one.noise == other.noise).all()
    )


def test_none_are_drawn_unless_they_are_asked_for() -> None:
    assert draw_disturbances(description(), "7", DemonstrationSettings()) == ()


def test_more_of_them_leave_the_first_as_they_are() -> None:
    few, many = drawn(3), drawn(8)
    assert all(same(one, other) for one, other in zip(few, many, strict=False))
    assert not any(same(many[0], other) for other in many[1:])


@pytest.mark.parametrize(
    ("name", "ego", "key"), [("bb", "7", "gold-data"), ("aa", "8", "gold-data"), ("aa", "7", "another")]
)
def test_each_scenario_ego_and_key_has_its_own(name: str, ego: str, key: str) -> None:
    assert not same(drawn(1)[0], drawn(1, description(name, ego), ego, key=key)[0])


def test_shares_and_ranges_are_those_of_the_settings() -> None:
    many = drawn(2000)
    inside = [one for one in many if one.start > 0]
    moved = [one.offset for one in many if one.offset is not None]
    noisy = [one.amplitude for one in many if one.amplitude > 0]
    # Three standard deviations of a share of 2,000 are at most 0.034; 1 in 60 starts inside falls on frame 0.
    assert len(inside) / 2000 == pytest.approx(0.59, abs=0.035)
    assert len(moved) / 2000 == pytest.approx(0.7, abs=0.035)
    assert len(noisy) / 2000 == pytest.approx(0.8, abs=0.035)
    assert 0.28 < min(noisy) - 0.0 < 0.32
    assert 1.48 < max(noisy) <= 1.5
    # The record has arrived in frame 86 of 90.
    assert 55 <= max(one.start for one in inside) < 0.7 * 87
    for values, reach in (([o.left for o in moved], 0.8), ([o.heading for o in moved], 0.12)):
        assert max(map(abs, values)) <= reach
        assert min(values) < -0.95 * reach
        assert max(values) > 0.95 * reach
    speeds = [offset.speed for offset in moved]
    assert {offset.forward for offset in moved} == {0.0}
    assert -3.0 <= min(speeds) < -2.8
    assert 3.0 < max(speeds) <= 4.5


def test_noise_remembers_and_has_the_spread_of_its_settings() -> None:
    noise = np.concatenate([one.noise / one.amplitude for one in drawn(400, noisy=1.0, burst=0.0, inside=0.0)])
    # A first-order process: deviation / sqrt(1 - memory^2); each drive begins at rest, which lowers it a little.
    np.testing.assert_allclose(noise.std(axis=0), np.array([0.10, 0.22]) / np.sqrt(1 - 0.85**2), rtol=0.05)
    steering = noise[:, 0]
    assert np.corrcoef(steering[:-1], steering[1:])[0, 1] == pytest.approx(0.85, abs=0.02)
    bursts = np.concatenate([one.noise / one.amplitude for one in drawn(400, noisy=1.0, burst=1.0, inside=0.0)])
    np.testing.assert_allclose(bursts.std(axis=0), [0.35, 0.6], rtol=0.02)


def test_noise_lasts_as_long_as_the_record_and_is_nothing_beyond() -> None:
    for one in drawn(20, noisy=1.0):
        assert one.noise.shape == (FRAMES - one.start, 2)
        np.testing.assert_array_equal(one.added(3), one.noise[3])
        np.testing.assert_array_equal(one.added(FRAMES), [0.0, 0.0])
    assert not np.concatenate([one.noise for one in drawn(5, noisy=0.0)]).any()


def test_no_drive_starts_where_the_record_has_arrived() -> None:
    stands = drawn(300, description(stands_from=20), inside=1.0)
    # 19 m of 20 are passed in frame 20; the latest start is at 0.7 of it.
    assert max(one.start for one in stands) == 13


def test_one_stream_gives_one_disturbance_after_the_other() -> None:
    course = course_of(description(stands_from=60), "7")
    assert course.arrival == 58
    assert course.speeds.tolist() == [10.0] * 60 + [0.0] * 31
    stream = np.random.default_rng(0)
    drawn = [draw_disturbance(stream, course, DemonstrationSettings()) for _ in range(3)]
    assert same(drawn[0], draw_disturbance(np.random.default_rng(0), course, DemonstrationSettings()))
    assert not same(drawn[0], drawn[1])
    assert not same(drawn[1], drawn[2])
