"""The student that explores."""

from __future__ import annotations

import numpy as np
import torch
from rollout_material import student, toy

from gold_train.online.explorer import Explorer
from gold_train.policies.sampling import sampling_of
from gold_train.settings import CvpoRun, IqlRun
from gold_train.settings.online import IqlSettings

WORLD = toy(1)
SEEN = np.random.default_rng(0).normal(size=(6, 9)).astype(np.float32)
NOISE = np.random.default_rng(1).normal(size=(6, 2)).astype(np.float32)


def test_it_draws_as_the_learner_does_and_clips() -> None:
    for run in (IqlRun(), IqlRun(learner=IqlSettings(actor="pathwise")), CvpoRun()):
        sampling, network = sampling_of(run), student(WORLD, run)
        mean, log_std = network.parts(network.normaliser(torch.from_numpy(SEEN)))
        due = sampling.drawn(mean, sampling.log_std(log_std), torch.from_numpy(NOISE)).clamp(-1, 1)
        acted = Explorer(network, sampling).act(SEEN, NOISE)
        np.testing.assert_allclose(acted, due.detach().numpy(), atol=1e-6)
        assert acted.dtype == np.float32
        assert (np.abs(Explorer(network, sampling).act(SEEN, 50 * NOISE)) <= 1).all()


def test_without_noise_it_takes_the_mean() -> None:
    network = student(WORLD)
    acted = Explorer(network, sampling_of(IqlRun())).act(SEEN, 0 * NOISE)
    np.testing.assert_allclose(acted, network(torch.from_numpy(SEEN)).detach().numpy(), atol=1e-6)


def test_it_sees_what_is_learned_only_when_it_follows() -> None:
    network = student(WORLD)
    explorer = Explorer(network, sampling_of(IqlRun()))
    before = explorer.act(SEEN, NOISE)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1)
        network.normaliser.mean.add_(0.5)
    assert np.array_equal(explorer.act(SEEN, NOISE), before)
    explorer.follow(network)
    after = explorer.act(SEEN, NOISE)
    assert not np.array_equal(after, before)
    assert np.array_equal(after, Explorer(network, sampling_of(IqlRun())).act(SEEN, NOISE))
