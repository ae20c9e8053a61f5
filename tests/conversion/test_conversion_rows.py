from __future__ import annotations

import math

import pytest
from conversion_indices import indexed

from gold_data.conversion.rows import rejected
from gold_data.trajectories.acceptance import Rejection


@pytest.mark.parametrize(
    ("value", "written"), [(None, None), (math.nan, None), (-math.inf, None), (1 / 3, 0.333333333), (12, 12.0)]
)
def test_a_value_is_written_with_nine_digits_or_not_at_all(value: float | None, written: float | None) -> None:
    row = rejected(Rejection("parked", value, 10.0, "so"), indexed("aa", "training/part-0", 5), "7")
    assert row.value == written
    assert row.model_dump(exclude={"value"}) == {
        "scenario": "aa",
        "ego": "7",
        "demonstration": 0,
        "rule": "parked",
        "threshold": 10.0,
        "detail": "so",
        "source": "training/part-0",
        "offset": 5,
        "crc": 6,
    }
