from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from gold_data.trajectories.statistics import BINS, RANGES, DatasetStatistics, Statistics, merge

ROWS = arrays(
    np.float32,
    st.tuples(st.integers(2, 60), st.integers(1, 3)),
    elements=st.floats(-2.0, 3.0, width=32, allow_subnormal=False) | st.sampled_from([0.0, 0.5, 1.0]),
)


def equal(first: Statistics, second: Statistics) -> bool:
    return first.count == second.count and all(
        np.array_equal(getattr(first, name), getattr(second, name))
        for name in ("mean", "squares", "minimum", "maximum", "low", "high", "histogram")
    )


@settings(max_examples=150, deadline=None)
@given(ROWS, st.data())
def test_merged_parts_are_the_whole(rows: NDArray[np.float32], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(rows) - 1), max_size=4)))
    whole = Statistics.of(rows, 0.0, 1.0)
    parts = [Statistics.of(part, 0.0, 1.0) for part in np.split(rows, cuts)]
    merged = parts[0]
    for part in parts[1:]:
        merged = merge(merged, part)
    assert merged.count == whole.count == len(rows)
    for name in ("minimum", "maximum", "low", "high", "histogram"):
        np.testing.assert_array_equal(getattr(merged, name), getattr(whole, name))
    np.testing.assert_allclose(merged.mean, whole.mean, rtol=1e-12, atol=1e-12 * np.abs(rows).max())
    np.testing.assert_allclose(
        merged.standard_deviation, whole.standard_deviation, rtol=1e-12, atol=1e-12 * np.abs(rows).max()
    )


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_they_are_numpys(rows: NDArray[np.float32]) -> None:
    found = Statistics.of(rows, 0.0, 1.0)
    exact = rows.astype(np.float64)
    np.testing.assert_allclose(found.mean, exact.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.standard_deviation, exact.std(axis=0), atol=1e-12)
    np.testing.assert_array_equal(found.minimum, exact.min(axis=0))
    np.testing.assert_array_equal(found.maximum, exact.max(axis=0))
    np.testing.assert_array_equal(found.histogram.sum(axis=1), len(rows))
    np.testing.assert_array_equal(found.histogram[:, 0], (exact < 0).sum(axis=0))
    np.testing.assert_array_equal(found.histogram[:, -1], (exact > 1).sum(axis=0))


def test_bins_are_numpys() -> None:
    rows = np.random.default_rng(0).uniform(-3, 5, 20_000)
    found = Statistics.of(rows, -3.0, 5.0)
    np.testing.assert_array_equal(found.histogram[0, 1:-1], np.histogram(rows, BINS, (-3.0, 5.0))[0])
    ends = Statistics.of(np.array([0.0, 1.0, np.nextafter(0, -1), np.nextafter(1, 2)]), 0.0, 1.0)
    assert np.flatnonzero(ends.histogram[0]).tolist() == [0, 1, BINS, BINS + 1]


@settings(max_examples=150, deadline=None)
@given(ROWS, st.floats(0, 1))
def test_quantiles_are_off_by_a_bin_at_most(rows: NDArray[np.float32], fraction: float) -> None:
    assume(abs(fraction * len(rows) - round(fraction * len(rows))) > 1e-9)  # else rounding decides which row it is
    found = Statistics.of(rows, -2.0, 3.0).quantiles([fraction])[0]
    exact = np.quantile(rows.astype(np.float64), fraction, axis=0, method="inverted_cdf")
    assert (np.abs(found - exact) <= 5.0 / BINS * (1 + 1e-9)).all()


def test_the_ends_of_the_quantiles_are_the_ends_of_the_rows() -> None:
    rows = np.array([-7.0, 0.2, 0.4, 9.0])
    found = Statistics.of(rows, 0.0, 1.0).quantiles([0.0, 0.5, 1.0])
    np.testing.assert_allclose(found[:, 0], [-7.0, 0.2, 9.0], atol=1 / BINS)
    constant = Statistics.of(np.full(5, 0.3), 0.0, 1.0).quantiles([0.0, 0.3, 1.0])
    assert constant[:, 0].tolist() == [0.3, 0.3, 0.3]


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_json_gives_back_the_same_bits(rows: NDArray[np.float32]) -> None:
    found = DatasetStatistics.of({"observations": rows, "rewards": rows[:, 0]})
    text = json.dumps(found.as_json(), sort_keys=True)
    again = DatasetStatistics.from_json(json.loads(text))
    assert list(again.arrays) == ["observations", "rewards"]
    assert all(equal(again.arrays[name], found.arrays[name]) for name in found.arrays)
    assert json.dumps(again.as_json(), sort_keys=True) == text


def test_a_dataset_has_those_of_its_arrays_that_have_a_range() -> None:
    random = np.random.default_rng(1)
    parts: list[dict[str, NDArray[Any]]] = [
        {name: random.random((9, 2)).astype(np.float32) for name in RANGES} | {"flags": np.arange(9)} for _ in range(3)
    ]
    merged = DatasetStatistics.merged(DatasetStatistics.of(part) for part in parts)
    assert set(merged.arrays) == set(RANGES)
    for name, (low, high) in RANGES.items():
        whole = Statistics.of(np.concatenate([part[name] for part in parts]), low, high)
        np.testing.assert_array_equal(merged.arrays[name].histogram, whole.histogram)
        np.testing.assert_allclose(merged.arrays[name].mean, whole.mean, rtol=1e-12)
    own = DatasetStatistics.of(parts[0], {"observations": ([0.0, -1.0], 2.0)}).arrays["observations"]
    assert (own.low.tolist(), own.high.tolist()) == ([0.0, -1.0], [2.0, 2.0])


def test_what_does_not_fit_is_refused() -> None:
    rows = np.ones((3, 2))
    for wrong in (rows[:0], np.full((1, 2), np.nan), np.full((1, 2), np.inf)):
        with pytest.raises(ValueError, match="all finite"):
            Statistics.of(wrong, 0.0, 1.0)
    with pytest.raises(ValueError, match="greater high"):
        Statistics.of(rows, 1.0, 1.0)
    with pytest.raises(ValueError, match="do not merge"):
        merge(Statistics.of(rows, 0.0, 1.0), Statistics.of(rows, 0.0, 2.0))
    with pytest.raises(ValueError, match="do not merge"):
        merge(Statistics.of(rows, 0.0, 1.0), Statistics.of(rows[:, :1], 0.0, 1.0))
    with pytest.raises(ValueError, match="no statistics"):
        DatasetStatistics.merged([])
    with pytest.raises(ValueError, match="different arrays"):
        DatasetStatistics.merged([DatasetStatistics.of({"rewards": rows}), DatasetStatistics.of({"costs": rows})])
    with pytest.raises(ValueError, match="another format version"):
        DatasetStatistics.from_json({"format_version": 2, "bins": BINS, "arrays": {}})
