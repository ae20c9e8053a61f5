"""Which episodes of training differ from their records, and how."""

from __future__ import annotations

from collections.abc import Sequence

from gold_data.gym import Course, draw_variation
from gold_data.replay import Variation
from gold_train.chance import Stream, generator
from gold_train.settings.variation import VariationSettings


class Variations:
    """Episode number and task -> variation, a function of the seed: nothing of it needs to be saved."""

    def __init__(self, courses: Sequence[Course], settings: VariationSettings, seed: int) -> None:
        """`courses` are the tasks'."""
        self._courses, self._settings, self._seed = courses, settings, seed
        self.longest = 1.0 + settings.pace
        """Of what is the recorded length to an episode, the largest share of the recorded one."""

    def __call__(self, episode: int, task: int) -> Variation | None:
        """How episode `episode`, counted from 0, in this task differs from its record; None: not at all."""
        settings, chance = self._settings, generator(self._seed, Stream.VARIATION, episode)
        if chance.random() >= settings.share:
            return None
        return draw_variation(
            chance,
            self._courses[task],
            traffic=settings.traffic,
            pace=settings.pace,
            start=settings.start,
            inside=settings.inside,
        )
