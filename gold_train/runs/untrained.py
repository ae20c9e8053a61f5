"""A policy before its training."""

from __future__ import annotations

import torch

from gold_data import Dataset
from gold_data.shards import ObservationBlock
from gold_train.data.scaling import return_percentiles, scaling_of
from gold_train.policies.columns import columns_of
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.runs.seeds import seed_weights
from gold_train.settings import RunSettings


def untrained(
    dataset: Dataset,
    settings: RunSettings,
    blocks: tuple[ObservationBlock, ...],
    lineage: Lineage,
    action_size: int,
) -> Policy:
    """A policy that reads these blocks, scaled by the dataset's statistics, with first weights of the settings' seed.

    Raises DatasetError where the dataset has no rows to train on.
    """
    columns = columns_of(blocks, dataset.observation_blocks)
    scaling = scaling_of(dataset, columns)
    normaliser = Normaliser(
        torch.from_numpy(scaling.mean),
        torch.from_numpy(scaling.standard_deviation),
        settings.data.min_std,
        settings.data.clip,
    )
    seed_weights(settings.training.seed)
    network = make_network(settings, normaliser, len(columns), action_size)
    return Policy(network, settings, blocks, lineage, 0, return_percentiles(dataset))
