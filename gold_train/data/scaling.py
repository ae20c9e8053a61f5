"""What a policy's inputs are scaled by, and what its training episodes returned: both from the dataset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data import Dataset
from gold_data.errors import DatasetError
from gold_data.shards import read_statistics

TRAIN = "train"


@dataclass(frozen=True)
class Scaling:
    """Mean and spread of a policy's inputs over the training split, in the policy's order."""

    mean: NDArray[np.float64]  # (D,)
    standard_deviation: NDArray[np.float64]  # (D,) of the rows themselves
    digest: str  # of the statistics that they are taken from


def scaling_of(dataset: Dataset, columns: NDArray[np.int64]) -> Scaling:
    """Mean and spread of these columns of the observation, from statistics.json.

    Raises DatasetError where the file is damaged, and where nothing was there to be measured.
    """
    statistics = read_statistics(dataset).arrays.get("observations")
    if statistics is None:
        raise DatasetError(
            f"{dataset.root}: its statistics are of no observations, since its split {TRAIN!r} is empty; "
            "convert it with scenarios to train on"
        )
    return Scaling(statistics.mean[columns], statistics.standard_deviation[columns], dataset.manifest.statistics_digest)


def return_percentiles(dataset: Dataset, split: str = TRAIN) -> NDArray[np.float64]:
    """(101,) percentiles 0 to 100 of the raw returns of a split's episodes.

    Raises DatasetError for a split that is not there or empty.
    """
    return np.percentile(dataset.array("return", split).astype(np.float64), np.arange(101))
