"""Implicit Q-learning (algorithms 2.3; ikostrikov/implicit_q_learning: learner.py)."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from gold_train.learners.awr import WeightedRegression
from gold_train.learners.cost_weight import CostWeight
from gold_train.learners.critics import TwinCritic, ValueCritic
from gold_train.learners.distilling import lessons_of
from gold_train.learners.iql_actor import ActorBatch, IqlActor, Measures
from gold_train.learners.iql_losses import bootstrapped, expectile_loss, shaped_rewards
from gold_train.learners.kept import Kept
from gold_train.learners.learner import Transitions
from gold_train.learners.pathwise import Pathwise
from gold_train.learners.perceptron import backward, forward
from gold_train.learners.twins import Twins, perceptron_of_critic
from gold_train.learners.vector import Trained
from gold_train.policies.student import Student
from gold_train.settings import IqlRun

CONTROLLER = "cost_weight."


class IqlLearner:
    """Two critics, a value in between, and a student that the actor of the settings improves; see Learner.

    The student's parameters become views of one vector: it must be on its device by then, and stay there.
    """

    def __init__(self, student: Student, settings: IqlRun, controller: CostWeight | None = None) -> None:
        """First weights of what judges are drawn by torch; `controller` moves the weight of cost, else it stays."""
        learner, device = settings.learner, student.mean.weight.device
        self.student, self._settings, self._learner, self._controller = student, settings, learner, controller
        widths, observations, actions = settings.model.hidden, len(student.normaliser.mean), student.mean.out_features
        critic = TwinCritic(widths, observations, actions, learner.layer_norm).to(device)
        value = ValueCritic(widths, observations, learner.layer_norm).to(device)
        actor = WeightedRegression if learner.actor == "awr" else Pathwise
        self._actor: IqlActor = actor(student, settings)
        self._critics = Twins(critic, learner.learning_rate, learner.polyak)
        self._value_trained = Trained(list(value.parameters()), learner.learning_rate)
        self._value = perceptron_of_critic(value)
        self._value_gradients = self._value.each(self._value_trained.gradient_of)
        self._kept = Kept(
            networks={"student": student, "critic": critic, "target": self._critics.target, "value": value},
            trained={
                "policy_optimiser": self._actor.trained,
                "critic_optimiser": self._critics.trained,
                "value_optimiser": self._value_trained,
            },
            numbers=self._actor.numbers,
        )

    @torch.no_grad()
    def update(self, batch: Transitions, number: int, distillation: float, measure: bool) -> Measures:
        """Step V, the policy by the new V, Q by the new V, then the targets; give what it measured, scalars by name."""
        seen = self._normalised(batch)
        observations, _ = seen.chunk(2)
        judged = torch.cat((observations, batch.actions), -1)
        q = self._critics.judge(judged).amin(0)
        value_loss = self._step_value(observations, q)
        values = forward(self._value, seen)[0].squeeze(-1)
        values, next_values = values.chunk(2)
        advantages = q - values
        actor_batch = ActorBatch(
            observations,
            batch.actions,
            advantages,
            self._shares(batch),
            lessons_of(batch, distillation, self._settings.distillation.expert),
            number,
            self._critics.networks,
        )
        measures = dict(self._actor.step(actor_batch, measure))
        aims = self._aims(batch, next_values)
        measures |= {"value_loss": value_loss, "q_loss": self._critics.step(judged, aims)[0]}
        self._critics.follow()
        if measure:
            measures |= self._measured(batch, observations, q, advantages, values, aims)
        return measures

    @torch.no_grad()
    def align(self, batch: Transitions, number: int) -> Measures:
        """Update V, Q and the targets, the student as it is (algorithms 2.6-d); nothing of it is drawn."""
        observations, behind = self._normalised(batch).chunk(2)
        judged = torch.cat((observations, batch.actions), -1)
        value_loss = self._step_value(observations, self._critics.judge(judged).amin(0))
        aims = self._aims(batch, forward(self._value, behind)[0].squeeze(-1))
        q_loss, _ = self._critics.step(judged, aims)
        self._critics.follow()
        return {"value_loss": value_loss, "q_loss": q_loss}

    def tensors(self) -> dict[str, torch.Tensor]:
        """Copies of all that going on needs: networks, targets, optimisers, temperature, the controller of cost."""
        controller = self._controller.state() if self._controller else {}
        numbers = {f"{CONTROLLER}{name}": torch.tensor(one, dtype=torch.float64) for name, one in controller.items()}
        return self._kept.tensors() | numbers

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Go on from what `tensors` gave. Raises CheckpointError where it is of another learner."""
        controller = {name: one for name, one in tensors.items() if name.startswith(CONTROLLER) and self._controller}
        self._kept.restore({name: one for name, one in tensors.items() if name not in controller})
        if self._controller:
            state = {name.removeprefix(CONTROLLER): float(one) for name, one in controller.items()}
            self._controller.restore(state)

    def told(self, costs: list[float]) -> None:
        """Let the controller, if there is one, move the weight of cost by the costs of episodes that ended."""
        if self._controller:
            self._controller.told(costs)

    @property
    def cost_weight(self) -> float:
        """w, of a step of cost in reward, as it is now."""
        return self._controller.weight if self._controller else self._learner.cost_weight

    def _normalised(self, batch: Transitions) -> torch.Tensor:
        """(2 B, D) observations, then next observations, normalised once for all that read them."""
        seen: torch.Tensor = self.student.normaliser(torch.cat((batch.observations, batch.next_observations)))
        return seen

    def _step_value(self, observations: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
        """Step V towards the expectile of q (B,); give its loss."""
        values, passed = forward(self._value, observations)
        losses, slopes = expectile_loss(q - values.squeeze(-1), self._learner.expectile)
        backward(self._value, passed, slopes.unsqueeze(-1) / len(q), self._value_gradients)
        self._value_trained.step()
        return losses.mean()

    def _aims(self, batch: Transitions, next_values: torch.Tensor) -> torch.Tensor:
        """(B,) what Q is to become."""
        rewards = shaped_rewards(batch.rewards, batch.costs, self.cost_weight, self._learner.reward_scale)
        return bootstrapped(rewards, batch.terminated, self._learner.discount, next_values)

    def _shares(self, batch: Transitions) -> torch.Tensor:
        """(B,) of each row in the policy's loss."""
        counted = torch.ones_like(batch.rewards)
        if self._settings.replay.rows == "student":
            counted = (~batch.guided).to(counted)
        return counted / counted.sum().clamp(min=1)

    def _measured(
        self,
        batch: Transitions,
        observations: torch.Tensor,
        q: torch.Tensor,
        advantages: torch.Tensor,
        values: torch.Tensor,
        aims: torch.Tensor,
    ) -> Measures:
        """What tells why a student does not outdo its guide (algorithms 2.8); advantages are in raw reward."""
        advantages, costly = advantages / self._learner.reward_scale, batch.costs > 0
        measures = {
            "q": q.mean(),
            "value_size": values.abs().mean(),
            "q_target_std": aims.std(),
            "advantage": advantages.mean(),
            "advantage_p90": advantages.quantile(0.9),
            "cost_weight": torch.tensor(self.cost_weight),
            "cost_rows": costly.float().mean(),
            "guided_rows": batch.guided.float().mean(),
            "clipped_features": (observations.abs() >= self.student.normaliser.clip).float().mean(),
            "value_gradient": self._value_trained.gradient.norm(),
            "q_gradient": self._critics.trained.gradient.norm(),
        }
        for name, rows in {"guided": batch.guided, "student": ~batch.guided}.items():
            if rows.any():
                measures[f"cost_rows_{name}"] = costly[rows].float().mean()
        if costly.any():
            measures["advantage_cost_rows"] = advantages[costly].mean()
        return measures
