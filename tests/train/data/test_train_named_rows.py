from __future__ import annotations

import numpy as np

from gold_train.data.named_rows import named_rows


def test_steps_stand_with_their_episode() -> None:
    assert named_rows(["bb/1", "aa/7", "bb/1"], np.array([9, 3, 2])) == "aa/7 at 3; bb/1 at 2, 9"
    assert named_rows(["aa/7", "aa/7"], np.array([3, 3])) == "aa/7 at 3, 3"
