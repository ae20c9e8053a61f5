"""Which scene comes next."""

from __future__ import annotations

import numpy as np


class SceneOrder:
    """Numbers of scenes: each comes once before any comes again, in an order that is drawn anew every time round."""

    def __init__(self, scenes: int, random: np.random.Generator) -> None:
        self._scenes, self._random = scenes, random
        self._left = iter(random.permutation(scenes))

    def __next__(self) -> int:
        """Give the next number, from 0 to scenes - 1."""
        number = next(self._left, None)
        if number is None:
            self._left = iter(self._random.permutation(self._scenes))
            number = next(self._left)
        return int(number)
