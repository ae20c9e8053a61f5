"""statistics.json of a dataset: what its features are scaled by."""

from __future__ import annotations

import hashlib
import json

from gold_data.errors import DatasetError
from gold_data.shards.reader import Dataset
from gold_data.trajectories.statistics import DatasetStatistics

STATISTICS = "statistics.json"
_AGAIN = "fetch or convert the dataset again"


def read_statistics(dataset: Dataset) -> DatasetStatistics:
    """Read the statistics of a dataset's training split, and hold the file against the manifest's digest.

    Raises DatasetError where the file cannot be read or is another than the manifest's.
    """
    path = dataset.root / STATISTICS
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror}); {_AGAIN}") from error
    if hashlib.sha256(content).hexdigest() != dataset.manifest.statistics_digest:
        raise DatasetError(f"{path}: is not the file that the manifest was written with; {_AGAIN}")
    try:
        return DatasetStatistics.from_json(json.loads(content))
    except (KeyError, TypeError, ValueError, IndexError, RecursionError) as error:
        raise DatasetError(f"{path}: holds no statistics ({error}); {_AGAIN}") from error
