"""What a variation says of an episode."""

from __future__ import annotations

from gold_data.replay import StartOffset, Variation


def test_the_recorded_length_is_what_is_left_of_it_by_the_pace() -> None:
    assert Variation().frames(91) == 91
    assert Variation(start=30).frames(91) == 61
    assert Variation(pace=1.3).frames(91) == 118
    assert Variation(start=30, pace=0.5).frames(91) == 31


def test_time_is_kept_where_nobody_is_shifted_and_the_pace_is_the_records() -> None:
    assert Variation(30, StartOffset(left=0.5)).keeps_time
    assert not Variation(traffic=-1).keeps_time
    assert not Variation(pace=0.9).keeps_time
