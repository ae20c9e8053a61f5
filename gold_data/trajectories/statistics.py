"""Mergeable statistics of each feature: count, mean, spread, ends, and a histogram that quantiles are read from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 1000
FORMAT_VERSION = 1

# The range that the histogram of each array divides; what lies outside is counted in one bin more on either side.
# Observations are in [0, 1] by MetaDrive's convention, actions in [-1, 1]. A step of 0.1 s earns a few metres of
# progress, and a bonus or a penalty of at most 20 when it ends the episode; records last 9 or 20 s.
RANGES: dict[str, tuple[float, float]] = {
    "observations": (0.0, 1.0),
    "actions": (-1.0, 1.0),
    "expert_actions": (-1.0, 1.0),
    "rewards": (-20.0, 20.0),
    "costs": (0.0, 10.0),
    "returns_to_go": (-200.0, 800.0),
    "costs_to_go": (0.0, 200.0),
}


@dataclass(frozen=True, eq=False)
class Statistics:
    """What is known of F features after `count` rows; two parts of the same data merge into the whole.

    `histogram` has BINS + 2 columns: below `low`, the bins (closed below, the last one also above), above `high`.
    """

    count: int
    mean: NDArray[np.float64]  # (F,)
    squares: NDArray[np.float64]  # (F,) sum of squared deviations from the mean
    minimum: NDArray[np.float64]  # (F,)
    maximum: NDArray[np.float64]  # (F,)
    low: NDArray[np.float64]  # (F,)
    high: NDArray[np.float64]  # (F,)
    histogram: NDArray[np.int64]  # (F, BINS + 2)

    @classmethod
    def of(cls, values: NDArray[Any], low: ArrayLike, high: ArrayLike) -> Self:
        """Measure rows of features, (n, F) or (n,), over histogram ranges `low` to `high`, one for all or one each.

        Raises ValueError without a row, for values that are not finite, and for an empty range.
        """
        if not len(values) or not np.isfinite(values).all():
            raise ValueError("statistics are of one row or more, all finite")
        rows = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
        features = rows.shape[1]
        lows = np.broadcast_to(np.asarray(low, dtype=np.float64), features).copy()
        highs = np.broadcast_to(np.asarray(high, dtype=np.float64), features).copy()
        if not (lows < highs).all():
            raise ValueError("the range of a histogram goes from low to a greater high")
        mean = rows.mean(axis=0)
        return cls(
            count=len(rows),
            mean=mean,
            squares=((rows - mean) ** 2).sum(axis=0),
            minimum=rows.min(axis=0),
            maximum=rows.max(axis=0),
            low=lows,
            high=highs,
            histogram=_histogram(rows, lows, highs),
        )

    @property
    def standard_deviation(self) -> NDArray[np.float64]:
        """(F,) of the rows themselves, divided by their count."""
        deviation: NDArray[np.float64] = np.sqrt(self.squares / self.count)
        return deviation

    def quantiles(self, fractions: Sequence[float]) -> NDArray[np.float64]:
        """(len(fractions), F) values below which these fractions of the rows lie.

        Read from the histogram: within `low` to `high` they are off by at most one bin, (high - low) / BINS.
        """
        edges = np.linspace(self.low, self.high, BINS + 1, axis=1)
        edges = np.column_stack([np.minimum(self.minimum, self.low), edges, np.maximum(self.maximum, self.high)])
        below = np.concatenate([np.zeros((len(self.mean), 1)), np.cumsum(self.histogram, axis=1)], axis=1)
        found = np.array(
            [
                _inverse(np.asarray(fractions) * self.count, counts, edge)
                for counts, edge in zip(below, edges, strict=True)
            ]
        )
        values: NDArray[np.float64] = np.clip(found.T, self.minimum, self.maximum)
        return values

    def as_json(self) -> dict[str, Any]:
        """Lay it out as plain data, one object per feature; `from_json` gives back the same numbers bit for bit."""
        return {
            "count": self.count,
            "features": [
                {
                    "mean": float(self.mean[feature]),
                    "standard_deviation": float(self.standard_deviation[feature]),
                    "squares": float(self.squares[feature]),
                    "minimum": float(self.minimum[feature]),
                    "maximum": float(self.maximum[feature]),
                    "low": float(self.low[feature]),
                    "high": float(self.high[feature]),
                    "below": int(self.histogram[feature, 0]),
                    "bins": {
                        str(index): int(self.histogram[feature, index + 1])
                        for index in np.flatnonzero(self.histogram[feature, 1:-1])
                    },
                    "above": int(self.histogram[feature, -1]),
                }
                for feature in range(len(self.mean))
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild from what `as_json` gave. Raises KeyError, TypeError, ValueError or IndexError for anything else."""
        features = data["features"]
        histogram = np.zeros((len(features), BINS + 2), dtype=np.int64)
        for row, feature in zip(histogram, features, strict=True):
            row[0], row[-1] = feature["below"], feature["above"]
            for index, times in feature["bins"].items():
                row[1:-1][int(index)] = times

        def column(name: str) -> NDArray[np.float64]:
            return np.array([feature[name] for feature in features], dtype=np.float64)

        return cls(
            count=int(data["count"]),
            mean=column("mean"),
            squares=column("squares"),
            minimum=column("minimum"),
            maximum=column("maximum"),
            low=column("low"),
            high=column("high"),
            histogram=histogram,
        )


def merge(first: Statistics, second: Statistics) -> Statistics:
    """Merge the statistics of two parts (Chan, Golub and LeVeque 1983). Raises ValueError when their ranges differ.

    The last bits of mean and spread depend on the order of merging, counts and histogram do not.
    """
    if not (np.array_equal(first.low, second.low) and np.array_equal(first.high, second.high)):
        raise ValueError("statistics over different histogram ranges or features do not merge")
    count = first.count + second.count
    difference = second.mean - first.mean
    return Statistics(
        count=count,
        mean=first.mean + difference * (second.count / count),
        squares=first.squares + second.squares + difference**2 * (first.count * second.count / count),
        minimum=np.minimum(first.minimum, second.minimum),
        maximum=np.maximum(first.maximum, second.maximum),
        low=first.low,
        high=first.high,
        histogram=first.histogram + second.histogram,
    )


@dataclass(frozen=True, eq=False)
class DatasetStatistics:
    """The statistics of a training split: `arrays` maps the arrays of RANGES that it has to their statistics."""

    arrays: Mapping[str, Statistics]

    @classmethod
    def of(
        cls, arrays: Mapping[str, NDArray[Any]], ranges: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None
    ) -> Self:
        """Measure the arrays of one shard that `ranges` names (RANGES unless given); others are left out."""
        chosen = RANGES if ranges is None else ranges
        return cls({name: Statistics.of(arrays[name], *chosen[name]) for name in chosen if name in arrays})

    @classmethod
    def merged(cls, parts: Iterable[DatasetStatistics]) -> Self:
        """Merge the parts of a dataset in the order given, one in memory at a time.

        Raises ValueError without a part, and when the parts have different arrays or ranges.
        """
        whole: Mapping[str, Statistics] = {}
        for part in parts:
            if whole and set(whole) != set(part.arrays):
                raise ValueError("statistics of different arrays do not merge")
            whole = {name: merge(whole[name], new) if whole else new for name, new in part.arrays.items()}
        if not whole:
            raise ValueError("there are no statistics to merge")
        return cls(whole)

    def as_json(self) -> dict[str, Any]:
        """Lay it out as the content of statistics.json."""
        arrays = {name: statistics.as_json() for name, statistics in self.arrays.items()}
        return {"format_version": FORMAT_VERSION, "bins": BINS, "arrays": arrays}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild from what `as_json` gave. Raises ValueError for another format version."""
        if (data["format_version"], data["bins"]) != (FORMAT_VERSION, BINS):
            raise ValueError("statistics of another format version; use the version of gold-data that wrote them")
        return cls({name: Statistics.from_json(statistics) for name, statistics in data["arrays"].items()})


def _histogram(rows: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.int64]:
    bins = np.floor((rows - low) / (high - low) * BINS)
    bins[rows == high] = BINS - 1
    # Rounding must not carry a value over an end of the range that it does not cross.
    inside = (rows >= low) & (rows <= high)
    bins = np.where(inside, np.clip(bins, 0, BINS - 1), np.where(rows < low, -1, BINS)).astype(np.int64) + 1
    features = rows.shape[1]
    places = bins + np.arange(features) * (BINS + 2)
    return np.bincount(places.ravel(), minlength=features * (BINS + 2)).reshape(features, BINS + 2)


def _inverse(ranks: NDArray[np.float64], below: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    index = np.clip(np.searchsorted(below, ranks, side="left"), 1, len(edges) - 1)
    inside = below[index] - below[index - 1]
    share = np.divide(ranks - below[index - 1], inside, out=np.zeros_like(ranks), where=inside > 0)
    return edges[index - 1] + share * (edges[index] - edges[index - 1])
