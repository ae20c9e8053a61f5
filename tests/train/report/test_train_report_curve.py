"""Learning curves: minutes over restarts, bands over seeds, pictures."""

from __future__ import annotations

import numpy as np
from report_material import curve

from gold_train.report.algorithms import AWR, BC, IQL, Algorithm
from gold_train.report.curve import band, minutes_at
from gold_train.report.curves_picture import draw_curves


def test_minutes_go_on_where_a_training_does() -> None:
    rows = [{"step": 100, "all": 60.0}, {"step": 200, "all": 120.0}, {"step": 200, "all": 30.0}]
    rows += [{"step": 300, "all": 90.0}]
    np.testing.assert_allclose(minutes_at(rows, np.array([50.0, 100.0, 200.0, 300.0])), [0.5, 1.0, 2.5, 3.5])


def test_a_band_has_the_quartiles_where_all_seeds_have_been() -> None:
    made = [curve(Algorithm(BC), success, seed) for seed, success in enumerate([(0, 0.2, 1), (0.4, 0.4), (0.8, 0.6)])]
    found = band(made, "success")
    assert found is not None
    assert found.x.tolist() == [100, 200]
    np.testing.assert_allclose([found.low, found.middle, found.high], [[0.2, 0.3], [0.4, 0.4], [0.6, 0.5]])
    by_minutes = band(made, "success", by_minutes=True)
    assert by_minutes is not None
    assert by_minutes.x.tolist() == [1, 2]


def test_offline_is_a_level_where_something_learns_online() -> None:
    offline, online = curve(Algorithm(BC), (0.5, 0.6)), curve(Algorithm(IQL, None, AWR), (0.1, 0.9))
    pictures = [draw_curves(curves) for curves in ([offline], [offline, online])]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert pictures[0] != pictures[1]
