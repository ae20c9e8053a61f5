"""A dataset and what is asked of it -> its batches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gold_data import Dataset
from gold_data.gym import Demonstrations, scenes_of_dataset, settings_of_dataset
from gold_train.data.batch import Batches
from gold_train.data.online import OnlineBatches
from gold_train.data.recorded import RecordedBatches
from gold_train.data.scaling import TRAIN
from gold_train.settings import OfflineDataSettings


def open_batches(
    dataset: Dataset,
    data: OfflineDataSettings,
    columns: NDArray[np.int64],
    *,
    length: int,
    batch_size: int,
    seed: int,
    sources: Sequence[str] = (),
) -> Batches:
    """Batches of windows of `length` steps of the training split, with these columns of the observation.

    With `data.online` they are drives of the tracker in the split's scenes, whose records are looked for in `sources`,
    where any are given, else where the dataset says that they are. Raises DatasetError for a split that is absent,
    empty or damaged and for a record that is not found, SourceError where `sources` do not hold it, SceneError where no
    drive can be kept, OutputError where the cache of a split cannot be written.
    """
    if data.online is None:
        return RecordedBatches(dataset, columns, length=length, batch_size=batch_size, seed=seed, split=TRAIN)
    scenes = scenes_of_dataset(dataset, TRAIN, sources)
    demonstrations = Demonstrations(scenes, settings_of_dataset(dataset))
    return OnlineBatches(demonstrations, columns, drives=data.online, length=length, batch_size=batch_size, seed=seed)
