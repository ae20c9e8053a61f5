"""Settings of a run -> its network."""

from __future__ import annotations

from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.student import Student
from gold_train.settings import RunSettings, TransformerRun


def make_network(
    settings: RunSettings, normaliser: Normaliser, observation_size: int, action_size: int
) -> DecisionTransformer | Student:
    """The network that these settings train, with weights drawn from torch's generator."""
    if isinstance(settings, TransformerRun):
        return DecisionTransformer(settings.model, normaliser, observation_size, action_size, settings.targets.scale)
    return Student(settings.model, normaliser, observation_size, action_size)


def action_size(network: DecisionTransformer | Student) -> int:
    """A, numbers in an action of this network."""
    return network.head.out_features if isinstance(network, DecisionTransformer) else len(network.log_std)
