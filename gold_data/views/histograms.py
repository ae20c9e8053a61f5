"""How often which value occurs in a dataset, as bars: from statistics.json and the shards' episode columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import DatasetError
from gold_data.settings import ConvertSettings
from gold_data.shards import Dataset
from gold_data.trajectories.statistics import BINS, DatasetStatistics, Statistics
from gold_data.views.small_files import read_object

BARS = 40
WIDTH, HEIGHT = 300.0, 90.0
"""Of the bars together, in units of the drawing."""

_EPISODE_COLUMNS = (
    ("return", "return", ""),
    ("route_length", "route length", "m"),
    ("length", "length", "steps"),
    ("displacement_final", "off the record at the end", "m"),
)


@dataclass(frozen=True)
class Histogram:
    """`counts` of values between `edges`; `low`, `middle` and `high` are the 5, 50 and 95 % quantiles."""

    title: str
    unit: str
    of: str
    edges: NDArray[np.float64]  # (B + 1,)
    counts: NDArray[np.int64]  # (B,)
    low: float
    middle: float
    high: float

    @property
    def words(self) -> str:
        """The numbers, for those who do not see the bars."""
        quantiles = f"{self.low:.3g}, {self.middle:.3g} and {self.high:.3g}"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.title} of {self.of}: 5 % below, half below and 95 % below {quantiles}{unit}"

    @property
    def bars(self) -> tuple[tuple[float, float, float, float], ...]:
        """Left, top, width and height of each bar, y down."""
        places = (self.edges - self.edges[0]) / (self.edges[-1] - self.edges[0]) * WIDTH
        heights = self.counts / max(int(self.counts.max()), 1) * HEIGHT
        drawn = zip(places[:-1], np.diff(places), heights, strict=True)
        return tuple(
            (round(float(x), 2), round(float(HEIGHT - h), 2), round(float(w), 2), round(float(h), 2))
            for x, w, h in drawn
        )


def histograms(dataset: Dataset) -> tuple[Histogram, ...]:
    """The telling ones: speed and inputs of the training split's steps; return, route, length, end of all episodes.

    What the dataset does not have is left out. Raises DatasetError where statistics.json or a shard cannot be read.
    """
    return (*_of_steps(dataset), *_of_episodes(dataset))


def _of_steps(dataset: Dataset) -> Iterator[Histogram]:
    path = dataset.root / "statistics.json"
    found = read_object(path)
    try:
        arrays = DatasetStatistics.from_json(found).arrays if found else {}
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DatasetError(f"{path}: holds no statistics ({error}); fetch or convert the dataset again") from error
    column = next((b.start + b.names.index("speed") for b in dataset.observation_blocks if "speed" in b.names), None)
    if "observations" in arrays and column is not None:
        most = _max_speed(dataset)
        # As the observation's `ego` block has it: (km/h + 1) / (max + 1).
        yield _rebinned(
            arrays["observations"], column, "speed", "m/s", lambda share: np.maximum(share * (most + 1) - 1, 0) / 3.6
        )
    for number, name in enumerate(("steering", "throttle")):
        if "actions" in arrays and number < len(arrays["actions"].mean):
            yield _rebinned(arrays["actions"], number, name, "", lambda value: value)


def _max_speed(dataset: Dataset) -> float:
    default = ConvertSettings().simulator.max_speed_km_h
    return float(read_object(dataset.root / "settings.json").get("simulator", {}).get("max_speed_km_h", default))


def _rebinned(
    statistics: Statistics, feature: int, title: str, unit: str, real: Callable[[NDArray[Any]], NDArray[Any]]
) -> Histogram:
    """Fewer bars, over the bins that hold a value; what lies outside of the bins counts to the outermost."""
    bins = statistics.histogram[feature, 1:-1].copy()
    bins[0] += statistics.histogram[feature, 0]
    bins[-1] += statistics.histogram[feature, -1]
    held = np.flatnonzero(bins)
    first, together = int(held[0]), max(-(-int(held[-1] + 1 - held[0]) // BARS), 1)
    starts = np.arange(first, int(held[-1]) + 1, together)
    edges = np.linspace(statistics.low[feature], statistics.high[feature], BINS + 1)
    ends = np.append(starts, min(int(starts[-1]) + together, BINS))
    low, middle, high = real(statistics.quantiles((0.05, 0.5, 0.95))[:, feature]).tolist()
    return Histogram(
        title=title,
        unit=unit,
        of=f"{statistics.count:,} steps to train on",
        edges=real(edges[ends]),
        counts=np.add.reduceat(bins, starts),
        low=low,
        middle=middle,
        high=high,
    )


def _of_episodes(dataset: Dataset) -> Iterator[Histogram]:
    if not dataset.manifest.counts.episodes:
        return
    held = {file.path.split("/")[0] for shard in dataset.shards() for file in shard.files}
    for name, title, unit in _EPISODE_COLUMNS:
        if name in held:
            values = dataset.array(name).astype(np.float64)
            counts, edges = np.histogram(values, bins=BARS)
            low, middle, high = np.quantile(values, (0.05, 0.5, 0.95)).tolist()
            yield Histogram(title, unit, f"{len(values):,} episodes", edges, counts, low, middle, high)
