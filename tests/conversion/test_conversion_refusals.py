from __future__ import annotations

import pytest

from gold_data.conversion.refusals import check_time_limit, nothing_whole
from gold_data.conversion.rows import Damaged
from gold_data.errors import SettingsError


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), 86_401.0])
def test_a_time_limit_is_a_number_of_seconds(seconds: float) -> None:
    check_time_limit(1.0)
    with pytest.raises(SettingsError, match="--time-limit"):
        check_time_limit(seconds)


def test_the_first_damage_is_named() -> None:
    torn = [Damaged(source=f"src/{name}", offset=7, length=9, reason="torn") for name in "ab"]
    assert str(nothing_whole(["src", "more"], torn)) == (
        "src, more: not one whole scenario (src/a at byte 7: torn); fetch or make them anew."
    )
    assert str(nothing_whole(["src"], [])) == "src: not one whole scenario; fetch or make them anew."
