"""Bars say how often which value occurs, and together all that were counted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from views_material import DIGEST, make_material

from gold_data.errors import DatasetError
from gold_data.shards import Dataset, ObservationBlock
from gold_data.trajectories.statistics import DatasetStatistics
from gold_data.views.histograms import BARS, HEIGHT, WIDTH, Histogram, histograms

SPEED = ObservationBlock(name="ego", start=0, stop=3, names=("a", "speed", "c"), digest=DIGEST, meaning="")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_material(tmp_path_factory.mktemp("views")).dataset


@pytest.fixture
def dataset(original: Dataset, tmp_path: Path) -> Dataset:
    shutil.copytree(original.root, tmp_path / "dataset")
    return Dataset(tmp_path / "dataset", original.manifest.model_copy(update={"observation_blocks": (SPEED,)}))


def write_statistics(dataset: Dataset, actions: np.ndarray, observations: np.ndarray) -> None:
    found = DatasetStatistics.of({"actions": actions, "observations": observations})
    (dataset.root / "statistics.json").write_text(json.dumps(found.as_json()))


def test_episodes_are_counted_by_their_columns(dataset: Dataset) -> None:
    found = {one.title: one for one in histograms(dataset)}
    assert set(found) == {"return", "route length", "length", "off the record at the end"}
    for name, title in (("return", "return"), ("route_length", "route length"), ("length", "length")):
        values = dataset.array(name)
        one = found[title]
        assert one.counts.sum() == len(values) == 4
        assert one.edges[0] <= values.min()
        assert one.edges[-1] >= values.max()
        assert one.middle == pytest.approx(np.median(values))
        assert "4 episodes" in one.words


def test_speed_is_told_in_metres_a_second(dataset: Dataset) -> None:
    speeds = np.random.default_rng(0).uniform(2, 20, 3000)
    observations = np.zeros((3000, 3))
    observations[:, 1] = (3.6 * speeds + 1) / 161
    write_statistics(dataset, np.zeros((3000, 2)), observations)
    (speed,) = [one for one in histograms(dataset) if one.title == "speed"]
    width = 161 / 3.6 / 1000
    assert speed.unit == "m/s"
    assert (speed.low, speed.middle, speed.high) == pytest.approx(np.quantile(speeds, (0.05, 0.5, 0.95)), abs=2 * width)
    expected = [
        np.sum((speeds >= low) & (speeds < high)) for low, high in zip(speed.edges, speed.edges[1:], strict=False)
    ]
    assert np.abs(speed.counts - expected).max() <= 2  # rounding at the edges
    assert speed.counts.sum() == 3000


@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 60), st.just(2)), elements=st.floats(-1.5, 1.5)))
def test_every_step_is_in_a_bar(
    original: Dataset, tmp_path_factory: pytest.TempPathFactory, actions: np.ndarray
) -> None:
    dataset = Dataset(tmp_path_factory.mktemp("inputs"), original.manifest.model_copy(update={"shards": ()}))
    write_statistics(dataset, actions, np.zeros((1, 3)))
    steering, throttle = (one for one in histograms_of_steps(dataset))
    for one in (steering, throttle):
        assert one.counts.sum() == len(actions)
        assert len(one.counts) <= BARS
        assert (np.diff(one.edges) > 0).all()


def histograms_of_steps(dataset: Dataset) -> list[Histogram]:
    empty = dataset.manifest.counts.model_copy(update={"episodes": 0})
    return list(histograms(Dataset(dataset.root, dataset.manifest.model_copy(update={"counts": empty}))))


def test_bars_fill_the_drawing() -> None:
    one = Histogram("a", "m", "4 things", np.array([0.0, 1.0, 2.0, 4.0]), np.array([1, 0, 4]), 0.0, 1.0, 2.0)
    (first, nothing, last) = one.bars
    assert first == (0.0, HEIGHT * 3 / 4, WIDTH / 4, HEIGHT / 4)
    assert nothing[3] == 0
    assert last == (WIDTH / 2, 0.0, WIDTH / 2, HEIGHT)


@pytest.mark.parametrize("content", ["{", '{"format_version": 9}', "[]"])
def test_what_cannot_be_read_is_named(dataset: Dataset, content: str) -> None:
    (dataset.root / "statistics.json").write_text(content)
    with pytest.raises(DatasetError, match=r"statistics\.json"):
        histograms(dataset)
