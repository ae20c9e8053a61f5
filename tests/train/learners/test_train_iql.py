"""Updates of implicit Q-learning: against autograd and torch's Adam, as functions of state, batch and number."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import torch

from gold_train.chance import Stream, noise_generator
from gold_train.errors import CheckpointError
from gold_train.learners.cost_weight import CostWeight
from gold_train.learners.distilling import distance_to_guide
from gold_train.learners.iql import IqlLearner
from gold_train.learners.iql_losses import gaussian_log_density
from gold_train.learners.learner import Transitions
from gold_train.policies.network import make_network
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.student import Student
from gold_train.settings import IqlRun, StudentSettings
from gold_train.settings.online import CostWeightSettings, DistillationSettings, IqlSettings, ReplaySettings
from gold_train.tensor_file import read_tensor_file, write_tensor_file

torch.set_num_threads(1)
ROWS, OBSERVATIONS, ACTIONS = 24, 20, 2
Actor = Literal["awr", "pathwise"]
ACTORS: tuple[Actor, Actor] = ("awr", "pathwise")


def run_of(
    actor: Actor, *, layer_norm: bool = False, rows: Literal["all", "student"] = "all", expert: float = 0.0
) -> IqlRun:
    learner = IqlSettings(
        actor=actor, layer_norm=layer_norm, learning_rate=1e-3, polyak=0.05, reward_scale=0.5, entropy=-0.7
    )
    return IqlRun(
        model=StudentSettings(hidden=(32, 24)),
        learner=learner,
        replay=ReplaySettings(rows=rows),
        distillation=DistillationSettings(expert=expert),
    )


def learner_of(run: IqlRun, seed: int = 0, controller: CostWeight | None = None) -> IqlLearner:
    torch.manual_seed(seed)
    normaliser = Normaliser(torch.full((OBSERVATIONS,), 0.5), torch.ones(OBSERVATIONS), 0.01, 10.0)
    student = make_network(run, normaliser, OBSERVATIONS, ACTIONS)
    assert isinstance(student, Student)
    return IqlLearner(student, run, controller)


def batch_of(seed: int, *, labelled: bool = False) -> Transitions:
    drawn = torch.Generator().manual_seed(seed)
    guide_actions = torch.rand(ROWS, ACTIONS, generator=drawn) * 2 - 1
    guide_actions[::3] = torch.nan
    labels = torch.rand(ROWS, ACTIONS, generator=torch.Generator().manual_seed(100 + seed)) * 2 - 1
    labels[::5] = torch.nan
    return Transitions(
        observations=torch.rand(ROWS, OBSERVATIONS, generator=drawn) * 2,
        actions=torch.rand(ROWS, ACTIONS, generator=drawn) * 2 - 1,
        rewards=torch.rand(ROWS, generator=drawn),
        costs=(torch.rand(ROWS, generator=drawn) < 0.3).float(),
        next_observations=torch.rand(ROWS, OBSERVATIONS, generator=drawn) * 2,
        terminated=(torch.rand(ROWS, generator=drawn) < 0.2).float(),
        guided=torch.rand(ROWS, generator=drawn) < 0.5,
        guide_actions=guide_actions,
        expert_actions=labels if labelled else None,
    )


class Reference:
    """The same by autograd and torch.optim.Adam, as algorithms 2.3 and 2.6-e write it down."""

    def __init__(self, learner: IqlLearner, run: IqlRun) -> None:
        self.run, networks = run, copy.deepcopy(learner._kept.networks)
        self.student, self.critic = networks["student"], networks["critic"]
        self.target, self.value = networks["target"], networks["value"]
        self.log_alpha = torch.full((1,), run.learner.first_alpha).log().requires_grad_()
        rate = run.learner.learning_rate
        self.of_value = torch.optim.Adam(self.value.parameters(), rate)
        self.of_policy = torch.optim.Adam([*self.student.parameters(), self.log_alpha], rate)
        self.of_critic = torch.optim.Adam(self.critic.parameters(), rate)

    def step(self, optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> float:
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        return loss.item()

    def update(self, batch: Transitions, number: int, distillation: float) -> dict[str, float]:
        settings = self.run.learner
        assert isinstance(self.student, Student)
        seen, behind = (self.student.normaliser(each) for each in (batch.observations, batch.next_observations))
        with torch.no_grad():
            q = self.target(seen, batch.actions).amin(0)
        apart = q - self.value(seen)
        expectile = torch.where(apart < 0, 1 - settings.expectile, settings.expectile)
        losses = {"value_loss": self.step(self.of_value, (expectile * apart.square()).mean())}
        with torch.no_grad():
            advantages, following = q - self.value(seen), self.value(behind)
        counted = ~batch.guided if self.run.replay.rows == "student" else torch.ones(ROWS, dtype=torch.bool)
        mean, log_std = self.student.parts(seen)
        log_std = log_std.clamp(settings.least_log_std, settings.largest_log_std)
        if settings.actor == "awr":
            weights = (settings.temperature * advantages / settings.reward_scale).exp().clamp(max=100)
            densities = gaussian_log_density(batch.actions, mean.tanh(), log_std)
            policy_loss = losses_of_temperature = -(weights * densities)[counted].mean()
        else:
            noise = torch.randn(
                mean.shape,
                generator=noise_generator(self.run.training.seed, Stream.UPDATE, number, torch.device("cpu")),
            )
            before = mean + log_std.exp() * noise
            actions = before.tanh()
            densities = gaussian_log_density(before, mean, log_std) - torch.log1p(-actions.square()).sum(-1)
            alpha = self.log_alpha.exp().detach()
            policy_loss = (alpha * densities - self.critic(seen, actions).amin(0))[counted].mean()
            losses_of_temperature = (
                policy_loss - (self.log_alpha * (densities.detach() + settings.entropy * ACTIONS))[counted].mean()
            )
        lesson = distillation * distance_to_guide(mean.tanh(), batch.guide_actions)
        if batch.expert_actions is not None:
            lesson = lesson + self.run.distillation.expert * distance_to_guide(mean.tanh(), batch.expert_actions)
        self.step(self.of_policy, losses_of_temperature + lesson)
        losses["policy_loss"] = (policy_loss + lesson).item()
        rewards = settings.reward_scale * (batch.rewards - settings.cost_weight * batch.costs)
        aims = rewards + settings.discount * (1 - batch.terminated) * following
        errors = self.critic(seen, batch.actions) - aims
        losses["q_loss"] = self.step(self.of_critic, errors.square().mean(1).sum())
        with torch.no_grad():
            for slow, fast in zip(self.target.parameters(), self.critic.parameters(), strict=True):
                slow.lerp_(fast, settings.polyak)
        return losses


@pytest.mark.parametrize(("distillation", "expert"), [(0.0, 0.0), (0.7, 0.0), (0.0, 0.4), (0.7, 0.4)])
@pytest.mark.parametrize("rows", ["all", "student"])
@pytest.mark.parametrize("layer_norm", [False, True])
@pytest.mark.parametrize("actor", ACTORS)
def test_updates_are_those_of_autograd_in_the_references_order(
    actor: Actor, layer_norm: bool, rows: Literal["all", "student"], distillation: float, expert: float
) -> None:
    run = run_of(actor, layer_norm=layer_norm, rows=rows, expert=expert)
    learner = learner_of(run)
    reference = Reference(learner, run)
    for number in range(4):
        batch = batch_of(number, labelled=expert > 0)
        measured = learner.update(batch, number, distillation, measure=number % 2 == 0)
        for name, due in reference.update(batch, number, distillation).items():
            assert float(measured[name]) == pytest.approx(due, rel=1e-3, abs=1e-5), (name, number)
    for name in ("student", "critic", "target", "value"):
        found, due_network = learner._kept.networks[name], getattr(reference, name)
        for (part, own), other in zip(found.named_parameters(), due_network.parameters(), strict=True):
            torch.testing.assert_close(own, other, atol=2e-4, rtol=1e-3, msg=lambda why: f"{name}.{part}: {why}")  # noqa: B023
    if actor == "pathwise":
        torch.testing.assert_close(learner.tensors()["log_alpha"], reference.log_alpha.detach(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("actor", ACTORS)
def test_an_update_is_a_function_of_state_batch_and_number(actor: Actor, tmp_path: Path) -> None:
    run = run_of(actor)
    went_on = learner_of(run, seed=0)
    for number in range(3):
        went_on.update(batch_of(number), number, 0.3, measure=True)
    write_tensor_file(tmp_path / "state", {}, went_on.tensors())
    restored = learner_of(run, seed=1)
    restored.restore(read_tensor_file(tmp_path / "state")[1])
    for number in range(3, 6):
        torch.manual_seed(number)
        one = went_on.update(batch_of(number), number, 0.3, measure=False)
        torch.manual_seed(100 + number)
        other = restored.update(batch_of(number), number, 0.3, measure=True)
        assert all(torch.equal(value, other[name]) for name, value in one.items())
    states = went_on.tensors(), restored.tensors()
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    seen = batch_of(0).observations
    with torch.no_grad():
        assert torch.equal(went_on.student(seen), restored.student(seen))


def test_noise_is_the_numbers() -> None:
    run, batch = run_of("pathwise"), batch_of(0)
    learners = [learner_of(run) for _ in range(3)]
    for learner, number in zip(learners, (7, 7, 8), strict=True):
        learner.update(batch, number, 0.0, measure=False)
    one, same, other = (learner.student.mean.weight for learner in learners)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("actor", ACTORS)
def test_the_distance_to_each_teacher_is_measured_where_it_teaches(actor: Actor) -> None:
    batch = batch_of(0, labelled=True)
    taught_by = {
        (0.0, 0.0): set(),
        (0.7, 0.0): {"guide_distance"},
        (0.0, 0.4): {"expert_distance"},
        (0.7, 0.4): {"guide_distance", "expert_distance"},
    }
    for (distillation, expert), names in taught_by.items():
        measured = learner_of(run_of(actor, expert=expert)).update(batch, 0, distillation, measure=True)
        assert {name for name in measured if name.endswith("_distance")} == names
    learner = learner_of(run_of(actor, expert=5.0))
    distances = [float(learner.update(batch, number, 0.0, measure=True)["expert_distance"]) for number in range(60)]
    assert distances[-1] < 0.9 * distances[0]


@pytest.mark.parametrize("actor", ACTORS)
def test_alignment_changes_what_judges_alone(actor: Actor) -> None:
    learner = learner_of(run_of(actor))
    before = learner.tensors()
    losses = learner.align(batch_of(0), 0)
    after = learner.tensors()
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"critic", "target", "value", "critic_optimiser", "value_optimiser"}
    assert set(losses) == {"value_loss", "q_loss"}


def test_without_rows_of_the_student_it_stays() -> None:
    for actor in ACTORS:
        learner = learner_of(run_of(actor, rows="student"))
        batch = replace(batch_of(0), guided=torch.ones(ROWS, dtype=torch.bool))
        before = copy.deepcopy(learner.student.state_dict())
        measured = learner.update(batch, 0, 0.0, measure=True)
        assert all(torch.equal(before[name], now) for name, now in learner.student.state_dict().items())
        assert all(bool(value.isfinite()) for value in measured.values())


def test_a_spread_at_its_floor_can_grow_again() -> None:
    learner = learner_of(run_of("awr"))
    log_std = learner.student.log_std
    assert isinstance(log_std, torch.nn.Parameter)
    with torch.no_grad():
        log_std.fill_(-5.0)
    for number in range(3):
        learner.update(batch_of(number), number, 0.0, measure=False)
    assert bool((log_std > -5.0).all())
    for bound, outside in ((-5.0, -9.0), (2.0, 9.0)):
        with torch.no_grad():
            log_std.fill_(outside)
        learner.update(batch_of(0), 9, 0.0, measure=False)
        assert log_std.tolist() == [bound, bound]


def test_a_controller_moves_the_weight_of_cost_and_is_restored() -> None:
    run = run_of("awr")
    settings = CostWeightSettings(proportional=0.5, integral=0.5, derivative=0.5)
    learner = learner_of(run, controller=CostWeight(settings, limit=1.0, first=1.0))
    assert learner.cost_weight == 1.0
    learner.told([9.0, 9.0])
    assert learner.cost_weight > 1.0
    other = learner_of(run, seed=1, controller=CostWeight(settings, limit=1.0, first=1.0))
    other.restore(learner.tensors())
    assert other.cost_weight == learner.cost_weight
    other.told([3.0])
    learner.told([3.0])
    assert other.cost_weight == learner.cost_weight
    aims = [one._aims(batch_of(0), torch.zeros(ROWS)) for one in (learner, learner_of(run))]
    batch = batch_of(0)
    torch.testing.assert_close(aims[0] - aims[1], -0.5 * (learner.cost_weight - 1.0) * batch.costs)
    with pytest.raises(CheckpointError, match="cost_weight"):
        learner_of(run).restore(learner.tensors())
    with pytest.raises(CheckpointError, match="cost weight"):
        learner.restore(learner_of(run).tensors())


def test_states_of_other_learners_are_refused() -> None:
    regression, pathwise = learner_of(run_of("awr")), learner_of(run_of("pathwise"))
    with pytest.raises(CheckpointError):
        regression.restore(pathwise.tensors())
    with pytest.raises(CheckpointError):
        pathwise.restore(regression.tensors())
    other = regression.tensors()
    other["critic_optimiser.exp_avg"] = torch.zeros(3)
    before = regression.tensors()
    with pytest.raises(CheckpointError, match=r"critic_optimiser\.exp_avg"):
        regression.restore(other)
    assert all(torch.equal(before[name], now) for name, now in regression.tensors().items())


def test_what_is_measured_when_asked_is_finite_also_without_cost() -> None:
    learner, batch = learner_of(run_of("awr")), replace(batch_of(0), costs=torch.zeros(ROWS))
    batch = replace(batch, guided=torch.ones(ROWS, dtype=torch.bool))
    measured = learner.update(batch, 0, 0.0, measure=True)
    assert all(value.dim() == 0 and bool(value.isfinite()) for value in measured.values())
    assert float(measured["guided_rows"]) == 1.0
    assert "advantage_cost_rows" not in measured
    assert set(learner.update(batch, 1, 0.0, measure=False)) == {"value_loss", "policy_loss", "q_loss"}
