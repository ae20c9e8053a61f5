from __future__ import annotations

import numpy as np

from gold_data.replay import Disturbance, StartOffset
from gold_data.replay.disturbance import together


def test_disturbances_lie_side_by_side() -> None:
    noise = np.arange(6.0).reshape(3, 2)
    moved = Disturbance(4, StartOffset(left=0.5, speed=-1.0), 1.0, noise)
    both = together([moved, None, Disturbance(2, None, 0.0, noise[:1])])
    assert both.start.tolist() == [4, 0, 2]
    assert both.moved.tolist() == [True, False, False]
    assert both.offset.tolist() == [[0.0, 0.5, 0.0, -1.0], [0.0] * 4, [0.0] * 4]
    assert both.noise.shape == (3, 3, 2)
    np.testing.assert_array_equal(both.noise[0], moved.noise)
    assert not both.noise[1].any()
    assert both.noise[2].tolist() == [[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]


def test_none_of_them() -> None:
    assert together([None]).noise.shape == (1, 0, 2)
