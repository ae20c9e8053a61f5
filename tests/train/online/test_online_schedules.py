"""Curricula without memory, against K22 and against what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from online_known_answers import (
    FIXED,
    GUIDE_OF_10,
    MIX,
    MIX_LAST,
    MIX_MEAN,
    RELATIVE,
    STAGE_AT,
    STUDENT_OF_10,
    STUDENT_SHARE,
)

from gold_train.online.curriculum import Curriculum
from gold_train.online.gated import Gated
from gold_train.online.schedules import Alone, AnyShare, Fixed, Mix, curriculum_of
from gold_train.settings.online import GuidanceSettings

STEPS = 10_000


def begun(curriculum: Curriculum, frames: int, steps_done: int, episode: int = 0) -> int:
    return int(curriculum.begin(np.array([frames]), np.array([episode]), steps_done)[0])


def acts(curriculum: Curriculum, h: int, length: int) -> list[bool]:
    """Who acts at each step of an episode: True for the guide."""
    zeros = np.zeros(length, np.int64)
    return [bool(each) for each in curriculum.guided(np.arange(length), zeros + h, zeros, 0)]


def test_guide_acts_in_exactly_the_first_h_steps() -> None:
    curriculum = curriculum_of(GuidanceSettings(), STEPS, 0)
    guide = [sum(acts(curriculum, 10, length)) for length in (5, 12, 30)]
    assert guide == GUIDE_OF_10
    student = [length - steps for length, steps in zip((5, 12, 30), guide, strict=True)]
    assert student == STUDENT_OF_10
    assert sum(student) / 47 == pytest.approx(STUDENT_SHARE, abs=1e-9)
    assert acts(curriculum, 2, 4) == [True, True, False, False]
    assert acts(curriculum, 0, 2) == [False, False]


@pytest.mark.parametrize(("given_stages", "first", "frames"), FIXED)
def test_fixed_stages_are_equal_and_end_with_none(given_stages: int, first: float, frames: int) -> None:
    curriculum = curriculum_of(GuidanceSettings(first=first, stages=given_stages, share=0.6), STEPS, 0)
    # In the middle of each stage.
    at = [int((stage + 0.5) * 0.6 * STEPS / given_stages) for stage in range(given_stages)]
    assert [begun(curriculum, frames, steps) for steps in at] == FIXED[given_stages, first, frames]
    assert begun(curriculum, frames, STEPS) == 0
    shares = [curriculum.share(steps) for steps in at]
    assert shares == pytest.approx(np.linspace(1, 0, given_stages).tolist())


@pytest.mark.parametrize("fraction", RELATIVE)
def test_guide_steps_are_relative_to_the_record(fraction: float) -> None:
    curriculum = curriculum_of(GuidanceSettings(first=fraction), STEPS, 0)
    assert begun(curriculum, 91, 0) == RELATIVE[fraction]


def test_stage_follows_from_the_steps_done() -> None:
    curriculum = curriculum_of(GuidanceSettings(stages=7, share=0.6), STEPS, 0)
    assert isinstance(curriculum, Fixed)
    assert {steps: curriculum.stage(steps) for steps in STAGE_AT} == STAGE_AT


def test_mix_is_the_authors_coin() -> None:
    mix = curriculum_of(GuidanceSettings(schedule="mix"), STEPS, 3)
    assert isinstance(mix, Mix)
    chances = {share: mix.chance(int(share * STEPS)) for share in MIX}
    assert chances == pytest.approx(MIX, abs=1e-9)
    assert mix.chance(STEPS - 1) == pytest.approx(MIX_LAST, rel=1e-3)
    assert mix.chance(STEPS) == 0.0
    assert np.mean([mix.chance(step) for step in range(STEPS)]) == pytest.approx(MIX_MEAN, rel=1e-3)
    episodes, timesteps = np.repeat(np.arange(500), 40), np.tile(np.arange(40), 500)
    guided = mix.guided(timesteps, timesteps * 0, episodes, STEPS // 10)
    assert guided.mean() == pytest.approx(0.5459, abs=4 * math.sqrt(0.25 / len(guided)))
    # A coin for each step: who acted before says nothing of who acts next, nor does another episode.
    by_episode = guided.reshape(500, 40)
    assert abs(np.corrcoef(by_episode[:, :-1].ravel(), by_episode[:, 1:].ravel())[0, 1]) < 0.03
    assert abs(np.corrcoef(by_episode[:-1].ravel(), by_episode[1:].ravel())[0, 1]) < 0.03
    assert begun(mix, 91, 0) == 137  # it may act in any step


def test_coins_are_the_same_whoever_else_is_asked_about() -> None:
    mix = Mix(0.9, 5.0, STEPS, 3)
    episodes, timesteps = np.arange(50), np.arange(50)[::-1].copy()
    together = mix.guided(timesteps, timesteps, episodes, 500)
    alone = [bool(mix.guided(timesteps[[k]], timesteps[[k]], episodes[[k]], 500)[0]) for k in range(50)]
    assert together.tolist() == alone
    assert 5 < sum(alone) < 50
    other = Mix(0.9, 5.0, STEPS, 4).guided(timesteps, timesteps, episodes, 500)
    assert other.tolist() != alone


def test_any_share_is_drawn_evenly_by_the_episodes_number() -> None:
    curriculum = curriculum_of(GuidanceSettings(schedule="random", share=0.6), STEPS, 5)
    assert isinstance(curriculum, AnyShare)
    episodes = np.arange(4000)
    drawn = curriculum.begin(np.full(4000, 9), episodes, 0)
    counts = np.bincount(drawn, minlength=10)
    assert len(counts) == 10  # none to all, both included
    assert counts.min() > 320
    again = curriculum.begin(np.full(2, 9), np.array([17, 3999]), 5999)
    assert again.tolist() == drawn[[17, 3999]].tolist()
    assert begun(curriculum, 9, 6000, episode=17) == 0
    assert [curriculum.share(steps) for steps in (0, 3000, 6000, STEPS)] == [1.0, 0.5, 0.0, 0.0]


def test_without_a_guide_the_student_always_acts() -> None:
    alone = Alone()
    assert begun(alone, 91, 0) == 0
    assert alone.share(0) == 0.0
    assert not any(acts(alone, 0, 5))


@settings(max_examples=30, deadline=None)
@given(
    schedule=st.sampled_from(["fixed", "gated", "random"]),
    first=st.floats(0, 1),
    stages=st.integers(2, 20),
    share=st.floats(0.05, 1),
    done=st.integers(0, STEPS),
    frames=st.integers(2, 300),
)
def test_guide_never_has_more_than_the_record_and_nothing_at_the_end(
    schedule: str, first: float, stages: int, share: float, done: int, frames: int
) -> None:
    given_settings = GuidanceSettings.model_validate(
        {"schedule": schedule, "first": first, "stages": stages, "share": share}
    )
    curriculum = curriculum_of(given_settings, STEPS, 1)
    h = begun(curriculum, frames, done, episode=done)
    assert 0 <= h <= frames
    assert 0 <= curriculum.share(done) <= 1
    if done >= share * STEPS:
        assert h == 0
        assert curriculum.share(done) == 0


def test_each_schedule_has_its_class() -> None:
    kinds = {name: type(curriculum_of(GuidanceSettings.model_validate({"schedule": name}), STEPS, 0)) for name in KINDS}
    assert kinds == KINDS


def test_nothing_is_remembered_of_what_follows_from_the_steps() -> None:
    for name in ("fixed", "random", "mix"):
        curriculum = curriculum_of(GuidanceSettings.model_validate({"schedule": name}), STEPS, 0)
        assert curriculum.state() == {}
        curriculum.restore({})


KINDS = {"fixed": Fixed, "gated": Gated, "random": AnyShare, "mix": Mix}
