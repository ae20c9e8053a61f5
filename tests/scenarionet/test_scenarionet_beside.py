from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.scenarionet.beside import measure


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_both_go_on_from_the_point_nearest_to_the_first(seed: int, coarse: bool) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(scale=5, size=(40, 2)).astype(np.float32)
    points = np.round(points / 5) if coarse else points  # on a grid many are equally near
    lane_size, boundary_size = rng.integers(1, 20, 2)
    width = np.full(40, -1, np.float32)
    measure(points, np.array([[0, lane_size, 20, boundary_size]]), width)

    squares = np.square(points[20 : 20 + boundary_size] - points[0])
    beside = 20 + int(np.argmin(np.sqrt(squares[:, 0] + squares[:, 1])))
    both = min(int(lane_size), 20 + int(boundary_size) - beside)
    apart = np.square(points[:both] - points[beside : beside + both])
    assert width[:both].tobytes() == np.sqrt(apart[:, 0] + apart[:, 1]).tobytes()
    assert (width[both:] == -1).all()


def test_what_is_no_number_is_beside_nothing() -> None:
    points = np.array([[0, 0], [np.nan, 0], [3, 4], [1, 0], [np.inf, 0]], np.float32)
    width = np.zeros(5, np.float32)
    measure(points, np.array([[0, 1, 1, 4]]), width)
    assert width.tolist() == [1, 0, 0, 0, 0]
    measure(points, np.array([[0, 1, 1, 1]]), width)
    assert np.isnan(width[0])


def test_a_scenario_is_described_the_same_without_numba() -> None:
    code = (
        "import sys; sys.modules.update({'numba': None} if sys.argv[1] == 'without' else {});"
        "from scenarionet_records import decoded, small_message; from gold_data.scenarionet import describe;"
        "from gold_data.scenarionet.pickles import write_pickle; import hashlib, io; file = io.BytesIO();"
        "write_pickle(file, describe(decoded(small_message()), 'a'));"
        "print(hashlib.sha256(file.getvalue()).hexdigest(), 'gold_data.womd.walk' in sys.modules)"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", code, how], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
        ).stdout
        for how in ("with", "without")
    ]
    (compiled, walked), (plain, not_walked) = map(str.split, answers)
    assert compiled == plain
    assert (walked, not_walked) == ("True", "False")
