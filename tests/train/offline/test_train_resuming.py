"""Going on is refused where it would not be the same training, and says what changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from training_material import dt_run, new_policy

from gold_data.errors import SettingsError
from gold_train.offline.resuming import hold_settings
from gold_train.settings import TransformerRun

RUN = Path("runs/guide")
WAS = new_policy(dt_run())


def test_the_same_goes_on() -> None:
    hold_settings(RUN, WAS, dt_run())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"optimiser__learning_rate": "0.5"}, r"optimiser.learning_rate 0.001 -> 0.5"),
        ({"model__layers": "2", "training__seed": "3"}, r"model.layers 1 -> 2; training.seed 0 -> 3"),
        ({"data__blocks": "ego"}, r"data.blocks \(\) -> \('ego',\)"),
        ({"training__steps": "1200"}, r"training.steps 12 -> 1200, which makes another warm-up"),
        ({"training__precision": "bfloat16"}, r"training.precision float32 -> bfloat16"),
    ],
)
def test_other_settings_are_refused(change: dict[str, str], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        hold_settings(RUN, WAS, dt_run(**change))


def test_another_kind_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"model.width 8 -> 128"):
        hold_settings(RUN, WAS, TransformerRun())


def test_what_changes_nothing_is_free() -> None:
    free = dt_run(training__save_every="2", training__threads="3", training__device="auto", training__compile="true")
    hold_settings(RUN, WAS, free)
    hold_settings(RUN, WAS, dt_run(training__steps="13"))


def test_a_rate_that_falls_to_the_last_step_holds_the_number_of_steps() -> None:
    cosine = replace(WAS, settings=dt_run(optimiser__decay="cosine"))
    with pytest.raises(SettingsError, match=r"training.steps 12 -> 13, which makes another cosine"):
        hold_settings(RUN, cosine, dt_run(optimiser__decay="cosine", training__steps="13"))


def test_fewer_updates_than_are_done_are_refused() -> None:
    done = replace(WAS, step=12)
    with pytest.raises(SettingsError, match=r"training.steps 12 -> 11, and 12 are done"):
        hold_settings(RUN, done, dt_run(training__steps="11", optimiser__warm_up="0.25"))
