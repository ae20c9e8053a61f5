"""Known answer K05 of algorithms.md, and what networks are shown while they drive."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gold_data.errors import DatasetError
from gold_data.shards import ObservationBlock
from gold_train.policies.acting import actor_of
from gold_train.policies.actor import Actor
from gold_train.policies.decision_transformer import DecisionTransformer
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.policy import Lineage, Policy
from gold_train.policies.student import Student
from gold_train.settings import CloningRun, StudentSettings, TargetSettings, TransformerRun, TransformerSettings

torch.set_num_threads(1)

Floats = NDArray[np.float32]
SIZE = 4
BLOCKS = (
    ObservationBlock(name="ego", start=0, stop=3, names=("a", "b", "c"), digest="1" * 64),
    ObservationBlock(name="pace", start=3, stop=5, names=("d", "e"), digest="2" * 64),
    ObservationBlock(name="lidar", start=5, stop=7, names=("f", "g"), digest="3" * 64),
)
READ = (BLOCKS[2], BLOCKS[1])
COLUMNS = [5, 6, 3, 4]
LINEAGE = Lineage("m", "s", "0")


class Listening(DecisionTransformer):
    """Writes down what it is shown."""

    shown: ClassVar[list[tuple[torch.Tensor, ...]]] = []

    def forward(self, *steps: torch.Tensor) -> torch.Tensor:
        self.shown.append(tuple(part.clone() for part in steps))
        return super().forward(*steps)


def guide(context: int = 3, *, scale: float = 5.0, tanh: bool = True) -> Policy:
    model = TransformerSettings(context=context, width=8, layers=2, heads=2, timesteps=20, tanh=tanh)
    torch.manual_seed(0)
    network = Listening(model, Normaliser(torch.zeros(SIZE), torch.ones(SIZE), 1e-2, 10.0), SIZE, 2, scale)
    for part in network.parameters():
        torch.nn.init.normal_(part, std=0.4)
    run = TransformerRun(model=model, targets=TargetSettings(scale=scale))
    return Policy(network, run, READ, LINEAGE, 1, np.zeros(101))


def student() -> Policy:
    torch.manual_seed(0)
    run = CloningRun(model=StudentSettings(hidden=(8,)))
    network = Student(run.model, Normaliser(torch.zeros(SIZE), torch.ones(SIZE), 1e-2, 10.0), SIZE, 2)
    return Policy(network, run, READ, LINEAGE, 1, np.zeros(101))


def rows(*numbers: int) -> NDArray[np.int64]:
    return np.array(numbers, dtype=np.int64)


def drive(actor: Actor, row: int, target: float, observations: Floats, rewards: Floats) -> Floats:
    """(T, 2) what it does; the world carries out half of it."""
    actor.begin(rows(row), np.array([target]))
    return np.concatenate(
        [
            step(actor, rows(row), observation[None], reward[None])
            for observation, reward in zip(observations, rewards, strict=True)
        ]
    )


def step(actor: Actor, numbers: NDArray[np.int64], observations: Floats, rewards: Floats) -> Floats:
    chosen = actor.act(numbers, observations)
    actor.executed(numbers, chosen / np.float32(2), rewards)
    return chosen


def test_k05_context_and_return_to_go() -> None:
    rewards = np.array([1.0, 0.5, -0.25, 2.0, 0.0], np.float32)
    observations = np.arange(35, dtype=np.float32).reshape(5, 7) / np.float32(35)
    Listening.shown.clear()
    policy = guide()
    chosen = drive(actor_of(policy, BLOCKS, 1), 0, 10.0, observations, rewards)
    asked = [float(shown[2][0, -1]) / 5.0 for shown in Listening.shown]
    np.testing.assert_allclose(asked, [2.0, 1.8, 1.7, 1.75, 1.35], atol=1e-9)
    seen, actions, to_go, times, mask = (part[0].numpy() for part in Listening.shown[4])
    np.testing.assert_array_equal(times, [2, 3, 4])
    np.testing.assert_allclose(to_go / 5.0, [1.7, 1.75, 1.35], atol=1e-9)
    np.testing.assert_array_equal(seen, observations[2:][:, COLUMNS])
    np.testing.assert_array_equal(actions, [*(chosen[2:4] / 2), [0, 0]])
    assert mask.all()


def test_before_the_first_step_there_is_padding() -> None:
    Listening.shown.clear()
    drive(actor_of(guide(), BLOCKS, 1), 0, 10.0, np.ones((2, 7), np.float32), np.ones(2, np.float32))
    seen, actions, to_go, times, mask = (part[0] for part in Listening.shown[1])
    assert mask.tolist() == [False, True, True]
    assert times.tolist() == [0, 0, 1]
    assert not seen[0].any()
    assert not actions[0].any()
    assert not to_go[0].any()


@given(seed=st.integers(0, 2**32), episodes=st.lists(st.integers(1, 7), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("policy", [guide(), student()], ids=["guide", "student"])
def test_what_it_does_in_a_row_depends_on_that_row_alone(policy: Policy, seed: int, episodes: list[int]) -> None:
    """Episodes of any lengths, two rows at once, each begun where one has ended: as each by itself."""
    generator = np.random.default_rng(seed)
    seen = [generator.random((length, 7), np.float32) for length in episodes]
    rewards = [generator.random(length, np.float32) for length in episodes]
    targets = generator.uniform(0, 20, len(episodes))
    expected = [drive(actor_of(policy, BLOCKS, 1), 0, *episode) for episode in zip(targets, seen, rewards, strict=True)]
    actor, waiting = actor_of(policy, BLOCKS, 3), list(range(len(episodes)))
    playing: dict[int, tuple[int, int]] = {}
    done: dict[int, list[Floats]] = {}
    while waiting or playing:
        for row in {0, 2} - set(playing):
            if waiting:
                episode = waiting.pop(0)
                playing[row], done[episode] = (episode, 0), []
                actor.begin(rows(row), targets[[episode]])
        busy = sorted(playing, reverse=True)
        at = [playing[row] for row in busy]
        chosen = step(
            actor,
            rows(*busy),
            np.stack([seen[episode][time] for episode, time in at]),
            np.stack([rewards[episode][time] for episode, time in at]),
        )
        for row, action, (episode, time) in zip(busy, chosen, at, strict=True):
            done[episode].append(action)
            if time + 1 < episodes[episode]:
                playing[row] = (episode, time + 1)
            else:
                del playing[row]
    for episode, actions in enumerate(expected):
        np.testing.assert_allclose(np.stack(done[episode]), actions, atol=1e-5)


MKL: bool = torch.backends.mkl.is_available()  # type: ignore[no-untyped-call]


@pytest.mark.skipif(not MKL, reason="other libraries may round by the size of the batch")
@pytest.mark.parametrize("policy", [guide(context=4), student()], ids=["guide", "student"])
def test_with_mkl_other_rows_do_not_even_change_the_rounding(policy: Policy) -> None:
    generator = np.random.default_rng(0)
    seen, rewards = generator.random((6, 33, 7), np.float32), generator.random((6, 33), np.float32)

    def driven(numbers: NDArray[np.int64]) -> Floats:
        actor = actor_of(policy, BLOCKS, 33)
        actor.begin(numbers, np.full(len(numbers), 20.0))
        steps = zip(seen, rewards, strict=True)
        return np.stack([step(actor, numbers, now[numbers], reward[numbers]) for now, reward in steps])

    together = driven(np.arange(33))
    for numbers in (rows(7), rows(5, 31), rows(32, 0, 9, 4), np.arange(3, 20)):
        np.testing.assert_array_equal(driven(numbers), together[:, numbers])


def test_actions_are_the_networks() -> None:
    policy, observations = student(), np.random.default_rng(0).random((3, 7), np.float32)
    expected = policy.network(torch.from_numpy(observations[:, COLUMNS])).detach().numpy()
    chosen = actor_of(policy, BLOCKS, 3).act(rows(0, 1, 2), observations)
    assert chosen.dtype == np.float32
    np.testing.assert_allclose(chosen, expected, atol=1e-6)


def test_actions_stay_within_bounds_where_the_network_does_not_squash_them() -> None:
    policy = guide(tanh=False)
    assert isinstance(policy.network, DecisionTransformer)
    torch.nn.init.constant_(policy.network.head.bias, 50.0)
    chosen = drive(actor_of(policy, BLOCKS, 1), 0, 1.0, np.ones((1, 7), np.float32), np.zeros(1, np.float32))
    np.testing.assert_array_equal(chosen, [[1.0, 1.0]])


@pytest.mark.parametrize("policy", [guide(), student()], ids=["guide", "student"])
def test_a_training_in_progress_is_left_alone(policy: Policy) -> None:
    policy.network.train()
    actor, observations = actor_of(policy, BLOCKS, 1), np.ones((1, 7), np.float32)
    first = drive(actor, 0, 1.0, observations, np.zeros(1, np.float32))
    for part in policy.network.parameters():
        part.data += 1
    assert policy.network.training
    np.testing.assert_array_equal(drive(actor, 0, 1.0, observations, np.zeros(1, np.float32)), first)


def test_blocks_that_the_environment_lacks_are_refused() -> None:
    with pytest.raises(DatasetError, match="'lidar'"):
        actor_of(student(), BLOCKS[:2], 1)
