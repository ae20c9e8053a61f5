"""CVPO's updates (algorithms 2.4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from gold_train.errors import CheckpointError
from gold_train.learners.cvpo import CvpoLearner
from gold_train.learners.learner import Transitions
from gold_train.policies.normaliser import Normaliser
from gold_train.policies.student import Student
from gold_train.settings import CvpoRun, CvpoSettings, DistillationSettings, ReplaySettings, StudentSettings

SIZE, ACTIONS = 3, 2
LOGGED = {
    *("eta", "lam", "eta_at_lo", "eta_at_hi", "lam_at_lo", "lam_at_hi", "dual", "kl_weights", "effective_samples"),
    *(
        "q",
        "qc",
        "q_drawn",
        "qc_drawn",
        "q_loss",
        "qc_loss",
        "q_target_std",
        "qc_target_std",
        "qc_limit",
        "qc_excess",
        "covariance",
    ),
    *("kl_mean", "kl_spread", "mean_price", "spread_price", "mean_price_at_hi", "spread_price_at_hi"),
    *("policy_loss", "policy_gradient_norm"),
}


def _learner(
    settings: CvpoRun | None = None, hidden: tuple[int, ...] = (8, 8), episode_limit: float = 10.0
) -> CvpoLearner:
    torch.manual_seed(0)
    settings = settings or CvpoRun(learner=CvpoSettings(actions=4))
    settings = settings.model_copy(update={"model": StudentSettings(hidden=hidden)})
    normaliser = Normaliser(torch.full((SIZE,), 0.5), torch.full((SIZE,), 2.0), 1e-2, 10.0)
    return CvpoLearner(Student(settings.model, normaliser, SIZE, ACTIONS, "state"), settings, episode_limit)


def _batch(number: int, rows: int = 16) -> Transitions:
    chance = torch.Generator().manual_seed(number)
    guided = torch.arange(rows) % 2 == 0
    guide_actions = torch.rand(rows, ACTIONS, generator=chance) * 2 - 1
    return Transitions(
        observations=torch.randn(rows, SIZE, generator=chance),
        actions=torch.rand(rows, ACTIONS, generator=chance) * 2 - 1,
        rewards=torch.randn(rows, generator=chance),
        costs=(torch.rand(rows, generator=chance) > 0.7).float(),
        next_observations=torch.randn(rows, SIZE, generator=chance),
        terminated=(torch.rand(rows, generator=chance) > 0.8).float(),
        guided=guided,
        guide_actions=guide_actions.where(guided.unsqueeze(1), torch.nan),
    )


def _changed(learner: CvpoLearner, by: Callable[[], object]) -> set[str]:
    """Whose weights change, by the first part of their names."""
    before = learner.tensors()
    by()
    return {
        name.split(".")[0]
        for name, tensor in learner.tensors().items()
        if name in before and not torch.equal(before[name], tensor)
    }


def test_an_update_changes_everything_and_measures_it() -> None:
    learner = _learner(CvpoRun(learner=CvpoSettings(actions=4, mean_bound=1e-9)))
    measured = learner.update(_batch(0), 0, 0.0, measure=False)
    assert measured.keys() == LOGGED
    assert all(value.dim() == 0 and value.isfinite() for value in measured.values())
    assert measured["qc_limit"].item() == pytest.approx((1 - 0.99**10) / 0.01 / 10)
    networks = {"student", "old_student", "reward_critic", "cost_critic", "reward_target", "cost_target"}
    due = networks | {"eta", "mean_price", "spread_price", "actor_optimiser", "reward_optimiser", "cost_optimiser"}
    assert due <= _changed(learner, lambda: learner.update(_batch(1), 1, 0.0, measure=False))


def test_going_on_equals_never_having_stopped() -> None:
    run = CvpoRun(
        learner=CvpoSettings(actions=4), distillation=DistillationSettings(safety=0.5), replay=ReplaySettings()
    )
    whole, other = _learner(run), _learner(run)
    other.update(_batch(99), 0, 0.0, measure=False)
    for number in range(3):
        whole.update(_batch(number), number, 0.3, measure=False)
    other.restore(whole.tensors())
    for number in range(3, 6):
        # Whether more is measured must change nothing.
        whole.update(_batch(number), number, 0.3, measure=False)
        other.update(_batch(number), number, 0.3, measure=True)
    tensors = whole.tensors()
    for name, tensor in other.tensors().items():
        assert torch.equal(tensor, tensors[name]), name


def test_noise_follows_from_the_seed_and_the_number() -> None:
    def after(number: int) -> torch.Tensor:
        learner = _learner()
        learner.update(_batch(0), number, 0.0, measure=False)
        return learner.tensors()["student.mean.weight"]

    assert torch.equal(after(1), after(1))
    assert not torch.equal(after(1), after(2))


def test_a_state_of_another_learner_is_refused() -> None:
    with pytest.raises(CheckpointError, match="has shape"):
        _learner().restore(_learner(hidden=(8, 6)).tensors())


def test_aligning_leaves_the_student_alone() -> None:
    learner = _learner()
    learner.update(_batch(0), 0, 0.0, measure=False)
    critics = {"reward_critic", "cost_critic", "reward_target", "cost_target", "reward_optimiser", "cost_optimiser"}
    assert _changed(learner, lambda: learner.align(_batch(1), 0)) == critics


def test_aligned_critics_know_what_the_steps_brought() -> None:
    learner = _learner(CvpoRun(learner=CvpoSettings(critic_learning_rate=1e-2, reward_scale=0.5)), hidden=(32, 32))
    batch = _batch(0)
    batch = Transitions(**(vars(batch) | {"terminated": torch.ones(16)}))
    for number in range(300):
        measured = learner.align(batch, number)
    assert measured["q"].item() == pytest.approx(0.5 * batch.rewards.mean().item(), abs=0.02)
    assert measured["qc"].item() == pytest.approx(batch.costs.mean().item(), abs=0.02)
    assert measured["q_loss"].item() < 0.01


@pytest.mark.parametrize(("masked", "expected"), [(True, 1.0), (False, 1 + 0.5 * 3)])
def test_cost_behind_an_end_counts_where_it_is_not_masked(masked: bool, expected: float) -> None:
    learner = _learner(CvpoRun(learner=CvpoSettings(mask_cost=masked, discount=0.5)))
    tensors = learner.tensors()
    for name, tensor in tensors.items():
        if name.startswith(("cost_critic", "cost_target")):
            tensor.zero_()
    tensors["cost_target.biases.2"].fill_(3.0)  # what is behind costs 3, in every state
    learner.restore(tensors)
    batch = Transitions(**(vars(_batch(0)) | {"terminated": torch.ones(16), "costs": torch.ones(16)}))
    measured = learner.align(batch, 0)
    assert measured["qc_loss"].item() == pytest.approx(2 * expected**2, rel=1e-5)


def test_the_bigger_of_two_costs_counts_only_in_the_mean() -> None:
    losses = []
    for reduce_cost in ("mean", "min"):
        learner = _learner(CvpoRun.model_validate({"learner": {"reduce_cost": reduce_cost, "discount": 0.5}}))
        tensors = learner.tensors()
        for name, tensor in tensors.items():
            if name.startswith(("cost_critic", "cost_target")):
                tensor.zero_()
        tensors["cost_target.biases.2"].copy_(torch.tensor([[1.0], [3.0]]))
        learner.restore(tensors)
        batch = Transitions(**(vars(_batch(0)) | {"terminated": torch.zeros(16), "costs": torch.zeros(16)}))
        losses.append(learner.align(batch, 0)["qc_loss"].item())
    assert losses == pytest.approx([2 * 1.0**2, 2 * 0.5**2], rel=1e-5)


def test_rows_of_the_student_alone_may_train_it() -> None:
    learner = _learner(CvpoRun(replay=ReplaySettings(rows="student"), learner=CvpoSettings(actions=4)))
    batch = _batch(0)
    guided = Transitions(**(vars(batch) | {"guided": torch.ones(16, dtype=torch.bool)}))
    measured = learner.update(guided, 0, 0.0, measure=False)
    assert "eta" not in measured
    assert "q_loss" in measured
    other = Transitions(**(vars(batch) | {"observations": batch.observations + batch.guided.unsqueeze(1)}))
    found = []
    for each in (batch, other):
        learner = _learner(CvpoRun(replay=ReplaySettings(rows="student"), learner=CvpoSettings(actions=4)))
        learner.update(each, 0, 0.0, measure=False)
        found.append(learner.tensors())
    assert torch.equal(found[0]["student.mean.weight"], found[1]["student.mean.weight"])
    assert not torch.equal(found[0]["reward_critic.weights.0"], found[1]["reward_critic.weights.0"])


def test_the_guide_teaches_what_it_would_do() -> None:
    learner = _learner(CvpoRun(learner=CvpoSettings(actions=4, mean_dual_most=1e-6)), hidden=(32, 32))
    batch = _batch(0)
    first = learner.update(batch, 0, 1.0, measure=False)["guide_distance"]
    for number in range(1, 60):
        measured = learner.update(batch, number, 1.0, measure=False)
    assert measured["guide_distance"] < 0.1 * first


def test_safety_lowers_what_the_mean_action_costs() -> None:
    found = []
    for safety in (0.0, 10.0):
        run = CvpoRun(learner=CvpoSettings(actions=4, cost_limit=0.0), distillation=DistillationSettings(safety=safety))
        learner = _learner(run)
        batch = _batch(0)
        for number in range(40):
            measured = learner.update(batch, number, 1.0, measure=False)
        assert ("cost_above" in measured) == (safety > 0)
        found.append(measured["guide_distance"].item())
    assert found[1] > found[0]  # it pulls elsewhere than the guide does


def test_the_price_of_cost_has_a_ceiling() -> None:
    learner = _learner(CvpoRun(learner=CvpoSettings(actions=4, cost_limit=0.0, largest_price=0.25, polyak=0.5)))
    for number in range(30):
        dear = Transitions(**(vars(_batch(number)) | {"costs": torch.full((16,), 5.0)}))
        measured = learner.update(dear, number, 0.0, measure=False)
    assert measured["lam"].item() == 0.25
    assert measured["lam_at_hi"].item() == 1
    assert measured["qc_excess"].item() > 0


@pytest.mark.parametrize(("cost_limit", "due", "tolerance"), [(0.5, 0.0, 0.1), (2.0, 1.0, 0.15)])
def test_a_bandits_action_comes_to_the_limit(cost_limit: float, due: float, tolerance: float) -> None:
    """Reward is a, cost (1 + a) / 2: a limit of 1/2 is met at 0, one of 2 everywhere."""
    torch.manual_seed(0)
    learner_settings = CvpoSettings(
        cost_limit=cost_limit, polyak=0.05, critic_learning_rate=3e-3, reward_scale=1.0, actions=16
    )
    settings = CvpoRun(model=StudentSettings(hidden=(16, 16)), learner=learner_settings)
    student = Student(settings.model, Normaliser(torch.zeros(1), torch.ones(1), 1e-2, 10.0), 1, 1, "state")
    learner, chance = CvpoLearner(student, settings, 1.0), torch.Generator().manual_seed(1)
    nothing, unasked = torch.zeros(64), torch.full((64, 1), torch.nan)
    for number in range(150):
        seen, actions = (torch.rand(64, 1, generator=chance) * 2 - 1 for _ in range(2))
        reward, cost = actions[:, 0], (1 + actions[:, 0]) / 2
        batch = Transitions(seen, actions, reward, cost, seen, nothing + 1, nothing.bool(), unasked)
        measured = learner.update(batch, number, 0.0, measure=False)
    assert student(seen).mean().item() == pytest.approx(due, abs=tolerance)
    assert measured["lam_at_lo"].item() == (cost_limit > 1)
    if cost_limit < 1:
        assert measured["lam"].item() == pytest.approx(2.0, abs=0.2)  # what a step of cost earns


def test_the_expert_teaches_whom_it_was_asked_about() -> None:
    labels = torch.full((16, ACTIONS), 0.8)
    labels[::3] = torch.nan
    batch = Transitions(**(vars(_batch(0)) | {"expert_actions": labels}))
    settings = CvpoRun(learner=CvpoSettings(actions=4), distillation=DistillationSettings(expert=20.0))
    taught, left = _learner(settings), _learner()
    distances = [taught.update(batch, number, 0.0, measure=False)["expert_distance"].item() for number in range(40)]
    measured = [left.update(batch, number, 0.0, measure=False) for number in range(40)]
    assert distances[-1] < 0.5 * distances[0]
    assert not any("expert_distance" in each for each in measured)
    own = CvpoRun(
        learner=CvpoSettings(actions=4),
        distillation=DistillationSettings(expert=20.0),
        replay=ReplaySettings(rows="student"),
    )
    of_guides = labels.where(batch.guided.unsqueeze(1), torch.nan)
    alone = Transitions(**(vars(batch) | {"expert_actions": of_guides}))
    assert _learner(own).update(alone, 0, 0.0, measure=False)["expert_distance"] == 0
