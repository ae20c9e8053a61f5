"""Which episodes of training differ from their records: a function of the seed and the episode's number."""

from __future__ import annotations

import numpy as np

from gold_data.gym import Course
from gold_train.online.variations import Variations
from gold_train.settings import VariationSettings

COURSES = (Course(60, np.full(91, 8.0)), Course(170, np.full(198, 3.0)))


def test_an_episode_is_varied_the_same_whenever_it_is_asked_about() -> None:
    settings = VariationSettings(share=0.7, traffic=1.5, pace=0.2, start=1.0, inside=0.5)
    one, other = (Variations(COURSES, settings, 3) for _ in range(2))
    drawn = [one(number, number % 2) for number in range(400)]
    assert [other(number, number % 2) for number in reversed(range(400))] == drawn[::-1]
    varied = [each for each in drawn if each]
    assert 0.6 < len(varied) / len(drawn) < 0.8
    assert {each.traffic for each in varied} == set(range(-15, 16))
    assert 0.45 < np.mean([each.start > 0 for each in varied]) < 0.95
    assert max(each.pace for each in varied) <= one.longest == 1.2
    assert [Variations(COURSES, settings, 4)(number, 0) for number in range(50)] != drawn[:50]


def test_only_what_is_asked_for_is_varied() -> None:
    assert not VariationSettings().asked
    assert not VariationSettings(share=0.0, traffic=1.0).asked
    settings = VariationSettings(pace=0.3)
    assert settings.asked
    drawn = [Variations(COURSES, settings, 0)(number, 1) for number in range(50)]
    assert all(one and (one.start, one.offset, one.traffic) == (0, None, 0) for one in drawn)
    assert len({one.pace for one in drawn if one}) == 50
