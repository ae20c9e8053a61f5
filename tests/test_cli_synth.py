"""`gold-data synth`, from the command line on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gold_data import cli
from gold_data.synth import scenario_record


def _synth(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> object:
    monkeypatch.setattr(sys, "argv", ["gold-data", "synth", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code


def test_steps_and_windows_are_passed_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = ("--scenarios", 2, "--seed", 3, "--steps", 20, "--same-drive", 2)
    assert _synth(monkeypatch, tmp_path / "out", *asked) == 0
    (path,) = (Path(line) for line in capsys.readouterr().out.split())
    assert path.stat().st_size == sum(len(scenario_record(3, index, 20, 2)) + 16 for index in range(2))


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--same-drive", 1, "1 window of one drive: ask for 2 or more, since one alone overlaps with nothing"),
        ("--same-drive", 0, "0 windows of one drive: ask for 2 or more, since one alone overlaps with nothing"),
        ("--steps", 1, "steps=1: a scenario has 2 or more, 91 in WOMD's training split"),
    ],
)
def test_misuse_is_one_sentence_and_nothing_is_written(
    option: str,
    value: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    assert _synth(monkeypatch, tmp_path / "out", option, value) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"gold-data: {said}\n")
    assert not (tmp_path / "out").exists()
