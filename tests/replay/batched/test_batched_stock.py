"""The blocks `ego` and `navigation_stock` of the kernels against MetaDrive's own vector."""

from __future__ import annotations

import numpy as np
import pytest
from replay_material import described, driver, driving, straight
from stock_beside import stock_beside

from gold_data.replay import Description
from gold_data.replay.scene import StartOffset

WEAVING = np.random.default_rng(0).normal([0.1, 0.2], [0.3, 0.4], (80, 2))

RECORDS: dict[str, tuple[Description, StartOffset | None, int]] = {
    "straight": (straight(heading=2.0), StartOffset(left=1.5, heading=0.2), 0),
    "past the end of a bend": (described(driver(np.full(30, 9.0), 0.03), curvature=0.03), None, 0),
    "from inside": (described(driver(np.full(60, 9.0), -0.06, heading=-3.0), curvature=-0.06), None, 20),
    "from behind the start": (straight(heading=-1.0), StartOffset(forward=-4.0), 0),
    "from standstill": (straight(np.zeros(30)), StartOffset(left=1.0, heading=0.5), 0),
}


@pytest.mark.parametrize("name", RECORDS)
def test_numbers_are_metadrives_own(name: str) -> None:
    description, offset, start = RECORDS[name]
    with driving() as drive:
        theirs, ours = stock_beside(
            drive, description, "ego", 70, lambda _, step: WEAVING[step] + [0.0, 0.1], offset, start
        )
    assert np.ptp(theirs[:, [0, 1, 5, 6, 7]], axis=0).min() > 0.01, "the drive shows little"
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
