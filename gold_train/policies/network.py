"""Settings of a run -> its network."""

from __future__ import annotations

from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.student import Spread, Student
from gold_train.settings import CvpoRun, IqlRun, RunSettings, TransformerRun


def make_network(
    settings: RunSettings, normaliser: Normaliser, observation_size: int, action_size: int
) -> DecisionTransformer | Student:
    """The network that these settings train, with weights drawn from torch's generator."""
    if isinstance(settings, TransformerRun):
        return DecisionTransformer(settings.model, normaliser, observation_size, action_size, settings.targets.scale)
    return Student(settings.model, normaliser, observation_size, action_size, spread_of(settings))


def spread_of(settings: RunSettings) -> Spread:
    """How a student's actions spread: who climbs the critics needs it state by state, regression does without."""
    pathwise = isinstance(settings, IqlRun) and settings.learner.actor == "pathwise"
    return "state" if pathwise or isinstance(settings, CvpoRun) else "constant"


def action_size(network: DecisionTransformer | Student) -> int:
    """A, numbers in an action of this network."""
    return (network.head if isinstance(network, DecisionTransformer) else network.mean).out_features
