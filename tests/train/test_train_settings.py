"""Settings of a run: presets, what the command line writes, and reading back."""

from __future__ import annotations

import json

import pytest

from gold_data.errors import SettingsError
from gold_data.settings import with_changes
from gold_train.settings import PRESETS, CloningRun, OfflineRun, TransformerRun, run_settings, transformer_run


@pytest.mark.parametrize("run", [TransformerRun(), CloningRun(), transformer_run("toy"), transformer_run("gpt2")])
def test_they_come_back_from_json(run: OfflineRun) -> None:
    assert run_settings(json.loads(json.dumps(run.model_dump(mode="json")))) == run


def test_what_is_no_run_is_told() -> None:
    with pytest.raises(SettingsError, match="gold"):
        run_settings({"kind": "gold"})
    with pytest.raises(SettingsError, match=r"dt\.model\.width"):
        run_settings({"kind": "dt", "model": {"width": 0}})


def test_presets_have_the_sizes_of_the_reference() -> None:
    sizes = {name: (one.width, one.layers, one.heads, one.timesteps) for name, one in PRESETS.items()}
    assert sizes == {
        "toy": (32, 1, 1, 61),
        "paper": (128, 3, 1, 400),
        "x10": (128, 6, 4, 400),
        "large": (256, 4, 4, 400),
        "gpt2": (768, 12, 12, 400),
    }
    assert {name: transformer_run(name).model for name in PRESETS} == dict(PRESETS)


def test_the_toy_has_the_targets_and_the_rate_of_the_reference() -> None:
    toy = transformer_run("toy")
    assert (toy.targets.mode, toy.targets.quantile, toy.targets.scale) == ("quantile", 0.9, 10.0)
    assert (toy.training.steps, toy.training.batch_size, toy.optimiser.learning_rate) == (1200, 64, 1e-3)
    with pytest.raises(SettingsError, match="choose toy, paper, x10, large, gpt2"):
        transformer_run("tiny")


def test_text_as_the_command_line_gives_it() -> None:
    text = {
        "data.blocks": "ego,pace",
        "data.online": "none",
        "optimiser.clip": "none",
        "training.threads": "2",
        "training.compile": "true",
    }
    changed = with_changes(TransformerRun(), text)
    assert changed.data.blocks == ("ego", "pace")
    assert (changed.data.online, changed.optimiser.clip) == (None, None)
    assert (changed.training.threads, changed.training.compile) == (2, True)
    assert with_changes(CloningRun(), {"model.hidden": "64,32"}).model.hidden == (64, 32)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("model.heads", "3", "3 heads do not divide the width 128"),
        ("model.hidden", "64", "there is no setting 'model.hidden'"),
        ("training.threads", "0", "greater than or equal to 1"),
        ("optimiser.clip", "0", "greater than 0"),
        ("training.precision", "float16", "'float32' or 'bfloat16'"),
    ],
)
def test_what_does_not_fit_is_told(name: str, value: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        with_changes(TransformerRun(), {name: value})
