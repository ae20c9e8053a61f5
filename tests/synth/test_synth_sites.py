import numpy as np
import pytest

from gold_data.synth.sites import Site, draw_site


def test_ground_turns_shifts_and_tilts() -> None:
    site = Site(np.pi / 2, (100.0, 200.0, 5.0), (0.01, 0.02))
    assert site.ground(np.array([[10.0, 0.0], [0.0, 10.0]])) == pytest.approx(
        np.array([[100, 210, 5.1], [90, 200, 5.2]])
    )
    assert site.headings(np.array([0.0, np.pi])) == pytest.approx(np.array([np.pi / 2, -np.pi / 2]))


def test_a_point_has_the_same_bits_in_whichever_array_it_stands() -> None:
    random = np.random.default_rng(0)
    site, points = draw_site(random), random.uniform(-200, 200, (257, 2))
    one_by_one = np.array([site.ground(point) for point in points])
    assert (site.ground(points) == one_by_one).all()
    assert (site.ground(points[::-1].copy())[::-1] == one_by_one).all()


def test_sites_lie_thousands_of_metres_out_on_gentle_slopes() -> None:
    sites = [draw_site(np.random.default_rng(seed)) for seed in range(50)]
    assert np.median([np.hypot(*site.origin[:2]) for site in sites]) > 3000
    assert max(np.hypot(*site.slope) for site in sites) < 0.015
