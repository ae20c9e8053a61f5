"""Networks as drivers: what each needs to remember of its episodes."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gold_data.shards import ObservationBlock
from gold_train.policies.actor import Actor
from gold_train.policies.columns import columns_of
from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.policy import Policy
from gold_train.policies.student import Student

LEAST_ROWS = 4
"""With fewer, MKL multiplies matrices another way, and rounds otherwise."""


def actor_of(
    policy: Policy, blocks: Sequence[ObservationBlock], environments: int, device: str | torch.device = "cpu"
) -> Actor:
    """A driver of up to `environments` episodes at once, whose observations are made of `blocks`.

    It has a copy of the network, without dropout, so that a training in progress can go on. Which other rows a call
    names changes nothing but rounding, and not that where matrix products are MKL's (x86) and contexts have 4 steps or
    more. Raises DatasetError where a block that the policy reads is lacking or was defined otherwise.
    """
    columns = columns_of(policy.blocks, blocks)
    network = copy.deepcopy(policy.network).to(device).eval()
    if isinstance(network, Student):
        return StudentActor(network, columns)
    return GuideActor(network, columns, environments)


class StudentActor:
    """Sees one observation, remembers nothing."""

    def __init__(self, network: Student, columns: NDArray[np.int64]) -> None:
        self._network, self._columns = network, columns
        self._device = network.mean.weight.device

    def begin(self, rows: NDArray[np.int64], targets: NDArray[np.float64]) -> None:
        """Nothing is remembered of an episode, and nothing asked for."""

    @torch.inference_mode()
    def act(self, rows: NDArray[np.int64], observations: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, A) mean actions."""
        count = len(observations)
        read = np.zeros((max(count, LEAST_ROWS), len(self._columns)), np.float32)
        read[:count] = observations[:, self._columns]
        return _within_bounds(self._network(torch.from_numpy(read).to(self._device))[:count])

    def executed(self, rows: NDArray[np.int64], actions: NDArray[np.float32], rewards: NDArray[np.float32]) -> None:
        """Nothing is remembered of a step."""


class GuideActor:
    """Remembers the last K steps of each row, right-aligned, and what of the asked return is left (algorithms 2.2).

    The window slides, and with it every token's place and time: nothing of one step's work serves the next.
    """

    def __init__(self, network: DecisionTransformer, columns: NDArray[np.int64], environments: int) -> None:
        steps, actions = (environments, network.context), network.head.out_features
        self._network, self._columns = network, columns
        self._device = network.head.weight.device
        self._observations = np.zeros((*steps, len(columns)), np.float32)
        self._actions = np.zeros((*steps, actions), np.float32)
        self._returns_to_go = np.zeros(steps, np.float64)
        self._timesteps = np.zeros(steps, np.int64)
        self._mask = np.zeros(steps, np.bool_)
        self._next_step = np.zeros(environments, np.int64)
        self.returns_to_go = np.zeros(environments, np.float64)
        """(environments,) what each row still asks for, raw; it may fall below zero."""

    def begin(self, rows: NDArray[np.int64], targets: NDArray[np.float64]) -> None:
        """Forget these rows, and ask for `targets` in them."""
        for remembered in self._context():
            remembered[rows] = 0
        self._next_step[rows] = 0
        self.returns_to_go[rows] = targets

    @torch.inference_mode()
    def act(self, rows: NDArray[np.int64], observations: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, A): the network's action for the newest step of each row, whose own action slot is empty."""
        for remembered in self._context():
            remembered[rows, :-1] = remembered[rows, 1:]
        self._observations[rows, -1] = observations[:, self._columns]
        self._actions[rows, -1] = 0
        self._returns_to_go[rows, -1] = self.returns_to_go[rows]
        self._timesteps[rows, -1] = self._next_step[rows]
        self._mask[rows, -1] = True
        observed, done, to_go, times, mask = (
            torch.from_numpy(remembered[rows]).to(self._device) for remembered in self._context()
        )
        return _within_bounds(self._network(observed, done, to_go.float(), times, mask)[:, -1])

    def executed(self, rows: NDArray[np.int64], actions: NDArray[np.float32], rewards: NDArray[np.float32]) -> None:
        """Put what was done into the newest step's slot, and take what it brought off what is asked for."""
        self._actions[rows, -1] = actions
        self.returns_to_go[rows] -= rewards
        self._next_step[rows] += 1

    def _context(self) -> tuple[NDArray[Any], ...]:
        return self._observations, self._actions, self._returns_to_go, self._timesteps, self._mask


def _within_bounds(actions: torch.Tensor) -> NDArray[np.float32]:
    bounded: NDArray[np.float32] = actions.float().clamp(-1, 1).cpu().numpy()
    return bounded
