"""The guide's and the expert's actions as teachers beside the learner's own loss (algorithms 2.6-b; the page)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from gold_train.learners.learner import Transitions


@dataclass(frozen=True)
class Lesson:
    """What one teacher would do in B rows, and how much that counts."""

    teacher: str
    actions: torch.Tensor  # (B, A), NaN where nothing is taught
    weight: float  # of |student - teacher|^2


def lessons_of(batch: Transitions, of_guide: float, of_expert: float) -> tuple[Lesson, ...]:
    """The lessons of a batch, by the weights of guide and expert; none of who has no weight or says nothing."""
    said = (("guide", batch.guide_actions, of_guide), ("expert", batch.expert_actions, of_expert))
    return tuple(
        Lesson(teacher, actions, weight) for teacher, actions, weight in said if actions is not None and weight
    )


def lesson_distances(means: torch.Tensor, lessons: Sequence[Lesson]) -> dict[str, torch.Tensor]:
    """`guide_distance` and `expert_distance`, as far as they teach, of the student's mean actions (B, A)."""
    return {f"{one.teacher}_distance": distance_to_guide(means, one.actions) for one in lessons}


def asked(guide_actions: torch.Tensor) -> torch.Tensor:
    """(B,) bool: the rows in which a teacher said what it would do, of (B, A) actions that are NaN elsewhere."""
    return ~guide_actions.isnan().any(-1)


def distance_to_guide(means: torch.Tensor, guide_actions: torch.Tensor) -> torch.Tensor:
    """Mean |student - teacher|^2 over the rows in which the teacher was asked; 0 where it was asked in none.

    `means` (B, A) are the student's mean actions.
    """
    rows = asked(guide_actions)
    squares = (means - guide_actions.where(rows.unsqueeze(-1), means)).square().sum(-1)
    return squares.sum() / rows.sum().clamp(min=1)


def cost_above(costs: torch.Tensor, limit: float, rows: torch.Tensor) -> torch.Tensor:
    """Mean max(0, Q_c - limit) over those of B rows that `rows` (B,) names; 0 where it names none."""
    return ((costs - limit).clamp(min=0) * rows).sum() / rows.sum().clamp(min=1)


def taught(means: torch.Tensor, lesson: Lesson) -> tuple[torch.Tensor, torch.Tensor]:
    """A lesson's loss, weighted, of mean actions (B, A), and (B, A) its slope (algorithms 2.6-b)."""
    rows = asked(lesson.actions)
    apart = torch.where(rows.unsqueeze(-1), means - lesson.actions, 0)
    slope = 2 * lesson.weight / rows.sum().clamp(min=1) * apart
    return lesson.weight * distance_to_guide(means, lesson.actions), slope
