"""Constrained variational policy optimisation of the student (algorithms 2.4; liuzuxin/cvpo-safe-rl, liuzuxin/FSRL)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from gold_train.chance import Stream, noise_generator
from gold_train.learners.distilling import Lesson, asked, cost_above, lesson_distances, lessons_of, taught
from gold_train.learners.dual import FIRST, MOST, Dual, cost_limit_of_a_step, solve_dual
from gold_train.learners.follower import Follower
from gold_train.learners.kept import Kept
from gold_train.learners.learner import Transitions
from gold_train.learners.m_step import (
    Bound,
    Gaussians,
    WeightedActions,
    kl_of_means,
    kl_of_spreads,
    log_likelihood,
    slopes,
    weighted_actions,
)
from gold_train.learners.reward_and_cost import RewardAndCost
from gold_train.learners.two_heads import TwoHeads
from gold_train.learners.vector import Trained
from gold_train.policies.sampling import sampling_of
from gold_train.policies.student import Student
from gold_train.settings import CvpoRun

Measures = dict[str, torch.Tensor]


class CvpoLearner:
    """Twin critics of reward and of cost, and a student that moves towards the actions they prefer within the limit.

    Actions are judged as they would be executed, within [-1, 1], and learned as they were drawn.
    """

    def __init__(self, student: Student, settings: CvpoRun, episode_limit: float) -> None:
        """`episode_limit` is the steps that episodes may have, on average; first weights are drawn by torch."""
        learner = settings.learner
        self.student, self._settings, self._learner = student, settings, learner
        self._sampling = sampling_of(settings)
        self.limit = cost_limit_of_a_step(learner.cost_limit, learner.discount, episode_limit)
        """Of the cost critics, in cost."""
        self._device = student.mean.weight.device
        sizes = len(student.normaliser.mean), student.mean.out_features
        self._critics = RewardAndCost(settings, *sizes, self._device)
        self._follower = Follower(student, learner.polyak)
        self._actor = Trained(list(student.parameters()), learner.actor_learning_rate)
        self._network, self._old = TwoHeads(student), TwoHeads(self._follower.network)
        self._mean_bound = Bound(learner.mean_bound, learner.mean_dual_step, learner.mean_dual_most)
        self._spread_bound = Bound(learner.spread_bound, learner.spread_dual_step, learner.spread_dual_most)
        self._numbers = {
            "eta": torch.tensor(FIRST, dtype=torch.float64),
            "lam": torch.tensor(FIRST, dtype=torch.float64),
            "mean_price": torch.zeros((), dtype=torch.float64, device=self._device),
            "spread_price": torch.zeros((), dtype=torch.float64, device=self._device),
        }
        self._kept = Kept(
            networks={"student": student, "old_student": self._follower.network} | self._critics.networks,
            trained={"actor_optimiser": self._actor} | self._critics.trained,
            numbers=self._numbers,
        )

    @torch.no_grad()
    def update(self, batch: Transitions, number: int, distillation: float, measure: bool) -> Mapping[str, torch.Tensor]:
        """Update critics, E-step, M-step, then what follows them; give what it measured, scalars by name.

        Of the student's part nothing is measured where rows of the student alone train it and the batch has none.
        """
        noise = noise_generator(self._settings.training.seed, Stream.UPDATE, number, self._device)
        observations = self._seen(batch.observations)
        measures = self._fit_critics(batch, observations, noise)
        lessons = lessons_of(batch, distillation, self._settings.distillation.expert)
        if self._settings.replay.rows == "student":
            own = ~batch.guided
            observations = observations[own]
            lessons = tuple(replace(lesson, actions=lesson.actions[own]) for lesson in lessons)
        if len(observations):
            measures |= self._learn(observations, lessons, noise, measure)
        self._follower.follow(self._actor.vector)
        self._critics.follow()
        return measures

    @torch.no_grad()
    def align(self, batch: Transitions, number: int) -> Mapping[str, torch.Tensor]:
        """Update the critics alone, the student as it is; `number` counts these updates from 0 (algorithms 2.6-d)."""
        noise = noise_generator(self._settings.training.seed, Stream.ALIGNMENT, number, self._device)
        measures = self._fit_critics(batch, self._seen(batch.observations), noise)
        self._critics.follow()
        return measures

    def tensors(self) -> dict[str, torch.Tensor]:
        """Copies of all that going on needs: networks, targets, optimisers, duals."""
        return self._kept.tensors()

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Go on from what `tensors` gave. Raises CheckpointError where it is of another learner."""
        self._kept.restore(tensors)

    def told(self, costs: list[float]) -> None:
        """Nothing is learned of an episode as a whole: cost is limited where the critics foresee it."""

    def _seen(self, observations: torch.Tensor) -> torch.Tensor:
        seen: torch.Tensor = self.student.normaliser(observations)
        return seen

    def _fit_critics(self, batch: Transitions, observations: torch.Tensor, noise: torch.Generator) -> Measures:
        behind = self._seen(batch.next_observations)
        policy = self._policy(self._network, behind)
        drawn = policy.mean + policy.std * torch.randn(policy.mean.shape, generator=noise, device=self._device)
        return self._critics.fit(batch, observations, behind, drawn.clamp(-1, 1))

    def _learn(
        self,
        observations: torch.Tensor,
        lessons: Sequence[Lesson],
        noise: torch.Generator,
        measure: bool,
    ) -> Measures:
        """E-step by the old policy and the critics that follow, then the M-step's iterations."""
        old = self._policy(self._old, observations)
        shape = len(observations), self._learner.actions, old.mean.shape[-1]
        spread = old.std.unsqueeze(1) * torch.randn(shape, generator=noise, device=self._device)
        actions = old.mean.unsqueeze(1) + spread
        executed = actions.clamp(-1, 1)
        q, qc = self._critics.judge(observations, executed)
        dual = self._solve(q, qc)
        weighed = weighted_actions(actions, torch.from_numpy(dual.weights).to(q), old)
        measures = _as_measured(dual) | {"q_drawn": q.mean(), "qc_drawn": qc.mean()}
        measures["qc_limit"] = torch.tensor(self.limit)
        for _ in range(self._learner.iterations):
            measures |= self._approach(observations, weighed, old, lessons)
        if measure:
            measures["clipped_actions"] = (actions != executed).float().mean()
            measures["std"] = old.std.mean()
            measures["least_std_share"] = (old.std <= self._learner.least_std * (1 + 1e-6)).float().mean()
        return measures

    def _solve(self, q: torch.Tensor, qc: torch.Tensor) -> Dual:
        eta, lam = self._numbers["eta"], self._numbers["lam"]
        dual = solve_dual(
            q.double().cpu().numpy(),
            qc.double().cpu().numpy(),
            self._learner.dual_bound,
            self.limit,
            start=(float(eta), float(lam)),
            most=(MOST, self._learner.largest_price),
        )
        eta.fill_(dual.eta)
        lam.fill_(dual.lam)
        return dual

    def _approach(
        self,
        observations: torch.Tensor,
        weighed: WeightedActions,
        old: Gaussians,
        lessons: Sequence[Lesson],
    ) -> Measures:
        """One iteration of the M-step: prices follow the divergences, the student the weighted actions."""
        mean_price, spread_price = self._numbers["mean_price"], self._numbers["spread_price"]
        mean, unbounded, passed = self._network.forward(observations)
        new = self._gaussians(mean, unbounded)
        kl_mean, kl_spread = kl_of_means(new, old), kl_of_spreads(new, old)
        self._mean_bound.follow(mean_price, kl_mean)
        self._spread_bound.follow(spread_price, kl_spread)
        loss = mean_price * kl_mean + spread_price * kl_spread - log_likelihood(weighed, new, old)
        of_mean, of_spread = slopes(weighed, new, old, mean_price, spread_price)
        measures: Measures = lesson_distances(new.mean, lessons)
        for lesson in lessons:
            teaching, towards = taught(new.mean, lesson)
            loss, of_mean = loss + teaching, of_mean + towards
            if lesson.teacher == "guide" and (safety := self._settings.distillation.safety):
                costs, climb = self._critics.cost_of(observations, new.mean)
                rows = asked(lesson.actions)
                measures["cost_above"] = above = cost_above(costs, self.limit, rows)
                dear = (costs > self.limit) & rows
                share = lesson.weight * safety / rows.sum().clamp(min=1)
                loss, of_mean = loss + lesson.weight * safety * above, of_mean + share * dear.unsqueeze(-1) * climb
        within = self._sampling.log_std(unbounded) == unbounded
        self._network.backward(passed, of_mean * (1 - new.mean.square()), of_spread * within, self._actor)
        norm = self._actor.clip(self._learner.clip)
        self._actor.step()
        return measures | {
            "policy_loss": loss,
            "policy_gradient_norm": norm,
            "kl_mean": kl_mean,
            "kl_spread": kl_spread,
            "mean_price": mean_price.clone(),
            "spread_price": spread_price.clone(),
            "mean_price_at_hi": (mean_price >= self._mean_bound.most).float(),
            "spread_price_at_hi": (spread_price >= self._spread_bound.most).float(),
            "covariance": new.std.square().prod(-1).mean(),
        }

    def _policy(self, network: TwoHeads, observations: torch.Tensor) -> Gaussians:
        mean, unbounded, _ = network.forward(observations)
        return self._gaussians(mean, unbounded)

    def _gaussians(self, mean: torch.Tensor, unbounded: torch.Tensor) -> Gaussians:
        return Gaussians(self._sampling.mean(mean), self._sampling.log_std(unbounded).exp())


def _as_measured(dual: Dual) -> Measures:
    found = {
        "eta": dual.eta,
        "lam": dual.lam,
        "dual": dual.value,
        "kl_weights": dual.mean_kl,
        "qc_excess": dual.excess,
        "effective_samples": dual.effective_samples,
        "eta_at_lo": dual.eta_at_lo,
        "eta_at_hi": dual.eta_at_hi,
        "lam_at_lo": dual.lam_at_lo,
        "lam_at_hi": dual.lam_at_hi,
    }
    return {name: torch.tensor(float(value)) for name, value in found.items()}
