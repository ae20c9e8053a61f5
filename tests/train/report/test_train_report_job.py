"""Results and runs -> a folder with the table, its numbers and its figures."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from report_material import driven, write_results

from gold_data.errors import DatasetError, SettingsError
from gold_train import cli
from gold_train.errors import CheckpointError
from gold_train.report.algorithms import DT, IQL, PATHWISE, Algorithm
from gold_train.report.groups import Driven, read_results
from gold_train.report.job import report

DT_ALONE, PATHWISE_GOLD = Algorithm(DT), Algorithm(IQL, DT, PATHWISE)


def found() -> list[Driven]:
    guides = [driven(DT_ALONE, seed) for seed in range(3)]
    students = [
        driven(PATHWISE_GOLD, seed, checkpoint=checkpoint, guide=guides[seed].told.sha256, rates={"success": 0.97})
        for checkpoint in ("best", "last")
        for seed in range(3)
    ]
    return [*students, *guides]


def test_seeds_are_one_group_best_and_last_are_two_and_guides_are_known(tmp_path: Path) -> None:
    every = found()
    folders = [write_results(tmp_path / "one", every[:7]), write_results(tmp_path / "two", every[4:])]
    results = read_results(folders)
    assert [(group.name, group.seeds, group.guide) for group in results.groups] == [
        ("DT", 3, None),
        ("GOLD (DT-IQL) pathwise", 3, "DT"),
        ("GOLD (DT-IQL) pathwise, last", 3, "DT"),
    ]


def test_what_is_of_another_engine_or_has_the_same_seed_is_refused(tmp_path: Path) -> None:
    one = write_results(tmp_path / "one", [driven(DT_ALONE)])
    two = write_results(tmp_path / "two", [driven(DT_ALONE)], engine="batched")
    with pytest.raises(SettingsError, match="one dataset, split and engine"):
        read_results([one, two])
    with pytest.raises(DatasetError, match="holds no results"):
        read_results([tmp_path / "none"])
    with pytest.raises(SettingsError, match="there are no results"):
        read_results([])
    twice = driven(DT_ALONE)
    again = Driven(replace(twice.told, sha256="other"), twice.rows)
    with pytest.raises(SettingsError, match="the same seed"):
        read_results([write_results(tmp_path / "three", [twice]), write_results(tmp_path / "four", [again])])


def test_a_report_of_made_up_results(tmp_path: Path) -> None:
    made = report([], [write_results(tmp_path / "results", found(), engine="batched")], tmp_path / "out")
    assert sorted(path.name for path in made.files) == ["plane.png", "table.json", "table.md"]
    assert [said.partition(":")[0] for said in made.left_out] == ["curves.png", "scene.png"]
    text = (tmp_path / "out" / "table.md").read_text()
    assert "NOT DRIVEN IN METADRIVE" in text
    assert "143.69 ± 175.98" in text
    assert "Not evaluated: BC, IQL, CVPO, GOLD (BC-IQL), GOLD (DT-CVPO)." in text
    told = json.loads((tmp_path / "out" / "table.json").read_text())
    line = next(one for one in told["lines"] if one["name"] == "GOLD (DT-IQL) pathwise")
    success = line["kinds"]["all"]["figures"]["success"]
    assert success["over_seeds"]["low"] < success["mean"] < success["over_seeds"]["high"]
    assert line["kinds"]["9 s"]["scenes"] + line["kinds"]["20 s"]["scenes"] == line["kinds"]["all"]["scenes"] == 60
    assert f"{100 * success['mean']:.1f} %" in text
    claims = {(one["claim"], one["actor"], one["checkpoint"]): one["verdict"] for one in told["claims"]}
    assert claims["C02", "pathwise", "best"] == claims["C02", "pathwise", "last"] == "consistent"
    assert claims["C02", "awr", "best"] == "not measured"
    for name in ("plane.png",):
        assert (tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    results = write_results(tmp_path / "results", [driven(DT_ALONE)])
    line = ["gold-train", "table", "--results", str(results), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", line)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    shown = capsys.readouterr()
    assert "driven in MetaDrive" in shown.out
    assert "133.48" in shown.out
    assert "left out, curves.png" in shown.err
    with pytest.raises(CheckpointError, match="no such run"):
        report([tmp_path / "no run"], [results], tmp_path / "out")
