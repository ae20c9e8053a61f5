"""The gated curriculum: forward, back, forced to its end, gone on with."""

from __future__ import annotations

import json

import numpy as np
import pytest
from online_known_answers import GATE_BEST, GATE_FIRST, GATE_SCORES, GATE_STAGES
from rollout_material import task

from gold_train.errors import CheckpointError
from gold_train.evaluation.metrics import measure
from gold_train.evaluation.trace import Trace
from gold_train.online.gated import Gated, gate_score
from gold_train.online.schedules import curriculum_of
from gold_train.settings.online import GuidanceSettings

STEPS = 100_000
FRAMES = np.array([91, 60])


def gate(stages: int = 6) -> Gated:
    made = curriculum_of(GuidanceSettings(schedule="gated", stages=stages, share=0.6, gate_every=1_000), STEPS, 0)
    assert isinstance(made, Gated)
    return made


def test_stages_move_as_they_were_worked_out() -> None:
    curriculum = gate()
    curriculum.told(GATE_FIRST, 0)
    after = []
    for number, score in enumerate(GATE_SCORES):
        curriculum.told(score, (number + 1) * 1_000)
        after.append(curriculum.stage)
    assert after == GATE_STAGES
    assert curriculum.best == pytest.approx(GATE_BEST, abs=1e-9)


def test_first_the_guide_drives_alone_and_its_score_is_the_one_to_beat() -> None:
    curriculum = gate()
    assert curriculum.gate(FRAMES).tolist() == [137, 90]
    curriculum.told(0.7, 0)
    assert curriculum.best == 0.7
    assert curriculum.gate(FRAMES).tolist() == [91, 60]
    for _ in range(2):
        curriculum.told(0.7, 1_000)
    assert curriculum.stage == 1
    assert curriculum.gate(FRAMES).tolist() == curriculum.begin(FRAMES, FRAMES, 2_000).tolist() == [73, 48]
    assert curriculum.share(2_000) == pytest.approx(0.8)


def test_scores_below_zero_are_judged_by_their_size() -> None:
    curriculum = gate()
    for score in (-0.4, -0.41, -0.41):
        curriculum.told(score, 0)
    assert curriculum.stage == 1
    assert curriculum.best == -0.4


def test_gate_is_due_first_and_then_every_so_many_steps() -> None:
    curriculum = gate()
    assert curriculum.due(0)
    curriculum.told(0.5, 0)
    assert [curriculum.due(steps) for steps in (0, 999, 1_000, 1_063)] == [False, False, True, True]
    curriculum.told(0.5, 1_063)
    assert [curriculum.due(steps) for steps in (1_063, 1_999, 2_000)] == [False, False, True]


def test_student_is_alone_once_its_time_has_come() -> None:
    curriculum = gate()
    curriculum.told(0.9, 0)
    assert curriculum.begin(FRAMES, FRAMES, 59_999).tolist() == [91, 60]
    assert curriculum.begin(FRAMES, FRAMES, 60_000).tolist() == [0, 0]
    assert curriculum.share(60_000) == 0.0
    assert not curriculum.due(60_000)


@pytest.mark.parametrize("scores", [0, 1, 2, 4, 5, 7])
def test_going_on_equals_never_having_stopped(scores: int) -> None:
    through, stopped = gate(), gate()
    every = [GATE_FIRST, *GATE_SCORES]
    for number, score in enumerate(every):
        through.told(score, number * 1_000)
    for number, score in enumerate(every[:scores]):
        stopped.told(score, number * 1_000)
    gone_on = gate()
    gone_on.restore(json.loads(json.dumps(stopped.state())))
    for number, score in enumerate(every[scores:], scores):
        gone_on.told(score, number * 1_000)
    assert gone_on.state() == through.state()


def test_another_state_is_refused() -> None:
    with pytest.raises(CheckpointError, match="gated run"):
        gate().restore({"stage": 1})


def test_score_is_success_less_half_the_contacts() -> None:
    def drive(arrived: bool, touched: bool) -> Trace:
        steps = np.zeros(3)
        flags = np.array([0, int(touched), 0])
        ends = np.array([False, False, arrived])
        return Trace(
            steps, steps, flags, np.where(flags, 0.0, np.nan), ends, steps, np.zeros(4), arrived, not arrived, 0.0
        )

    driven = [
        measure(task(), drive(arrived, touched)) for arrived, touched in ((True, True), (True, False), (False, True))
    ]
    assert [each.contact for each in driven] == [True, False, True]
    assert gate_score(driven) == pytest.approx(2 / 3 - 0.5 * 2 / 3)
