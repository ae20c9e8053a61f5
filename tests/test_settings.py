from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, ValidationError

from gold_data.errors import SettingsError
from gold_data.settings import ConvertSettings, Settings, SplitSettings, digest, with_changes


def leaves(settings: BaseModel, prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        found |= leaves(value, f"{prefix}{name}.") if isinstance(value, BaseModel) else {prefix + name: value}
    return found


SHARES = ("share", "noisy", "memory", "burst", "inside", "latest", "moved")
CHOICES = {
    "engine": "batched",
    "lidar_rays": 240,
    "end": "record",
    "key": "another",
    "ego": "moving",
    "scenarios": True,
}


def another(name: str, value: object) -> tuple[str, object]:
    """A value that a setting may have and has not, as text and as it is."""
    last = name.rpartition(".")[2]
    if last in CHOICES:
        return str(CHOICES[last]), CHOICES[last]
    if isinstance(value, tuple):
        return ("0.25,3", (0.25, 3.0)) if value else ("a,b", ("a", "b"))
    return ("0.25", 0.25) if last in SHARES else ("17", 17)


def test_every_setting_can_be_changed_by_its_name() -> None:
    before = leaves(ConvertSettings())
    for name, value in before.items():
        text, wanted = another(name, value)
        assert wanted != value
        assert leaves(with_changes(ConvertSettings(), {name: text})) == before | {name: wanted}


def test_changes_leave_what_they_do_not_name() -> None:
    first = with_changes(ConvertSettings(), {"split.train": "5"})
    second = with_changes(first, {"unit": "3", "acceptance.min_route": "4.5"})
    assert (second.split.train, second.unit, second.acceptance.min_route) == (5, 3, 4.5)
    assert with_changes(first, {}) == first


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("acceptance.min_rout", r"there is no setting 'acceptance.min_rout'; try acceptance.min_route"),
        ("min_route", r"there is no setting 'min_route'; try (moving.min_route or )?acceptance.min_route"),
        ("nonsense", r"there is no setting 'nonsense'; try "),
        ("acceptance", r"there is no setting 'acceptance'"),
        ("xyzzy", r"there is no setting 'xyzzy'; try those of settings.py."),
        ("unit.size", r"there is no setting 'unit.size'"),
        ("", r"there is no setting ''"),
        ("acceptance..min_route", r"there is no setting 'acceptance..min_route'; try acceptance.min_route"),
    ],
)
def test_a_name_that_there_is_not(name: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"^{said}"):
        with_changes(ConvertSettings(), {name: "1"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unit", "0"),
        ("unit", "many"),
        ("unit", "2.5"),
        ("acceptance.min_route", "1.9"),
        ("acceptance.max_heading", "inf"),
        ("tracker.smoothing", "nan"),
        ("simulator.lidar_rays", "121"),
        ("ends.end", "crash"),
        ("ego", "everybody"),
        ("split.train", "-1"),
        ("demonstrations.noisy", "1.5"),
        ("demonstrations.speed", "fast"),
        ("scenarios", "perhaps"),
    ],
)
def test_a_value_that_does_not_fit(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        with_changes(ConvertSettings(), {name: value})
    text = str(caught.value)
    assert text.startswith(f"{name}={value}: ")
    assert text.endswith(".")
    assert "\n" not in text


def test_settings_are_frozen_and_know_their_names() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ConvertSettings().unit = 3  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        ConvertSettings.model_validate({"unti": 3})


def test_settings_survive_json() -> None:
    settings = with_changes(ConvertSettings(), {"split.train": "5", "tracker.preview": "0.1"})
    assert ConvertSettings.model_validate(json.loads(settings.model_dump_json())) == settings


def test_the_digest_follows_every_setting() -> None:
    assert digest(ConvertSettings()) == digest(with_changes(ConvertSettings(), {"unit": "50"}))
    changes = {name: another(name, value)[0] for name, value in leaves(ConvertSettings()).items()}
    digests = {digest(with_changes(ConvertSettings(), {name: value})) for name, value in changes.items()}
    assert len(digests | {digest(ConvertSettings())}) == len(changes) + 1
    assert all(len(text) == 64 for text in digests)


def every_class(parent: type[Settings]) -> list[type[Settings]]:
    return [own for child in parent.__subclasses__() for own in (child, *every_class(child))]


def test_every_setting_says_what_it_is() -> None:
    assert ConvertSettings in every_class(Settings)
    for settings in (own for own in every_class(Settings) if own.__module__ == Settings.__module__):
        assert settings.__doc__
        for name, field in settings.model_fields.items():
            nested = isinstance(field.annotation, type) and issubclass(field.annotation, Settings)
            assert nested or field.description or settings is SplitSettings, name
