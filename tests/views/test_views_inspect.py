"""Tables that fit a screen, and say it all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from views_material import make_material, write_damaged

from gold_data.settings import ConvertSettings, with_changes
from gold_data.shards import Dataset
from gold_data.views.inspect import SHOWN, duration_text, overview, size_text


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_material(tmp_path_factory.mktemp("views")).dataset


@pytest.fixture
def dataset(original: Dataset, tmp_path: Path) -> Dataset:
    shutil.copytree(original.root, tmp_path / "dataset")
    return Dataset(tmp_path / "dataset", original.manifest)


def printed(dataset: Dataset) -> list[str]:
    out = StringIO()
    Console(file=out, width=80, highlight=False).print(overview(dataset), crop=False)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def after(lines: list[str], head: str) -> list[str]:
    """The lines of the table whose first line begins with `head`."""
    start = next(number for number, line in enumerate(lines) if line.startswith(head))
    return lines[start + 1 : lines.index("", start) if "" in lines[start:] else None]


def test_tables_fit_and_add_up(dataset: Dataset) -> None:
    lines = printed(dataset)
    assert max(len(line) for line in lines if str(dataset.root) not in line) <= 80
    assert "records    9 read: 7 scenarios, 1 damaged, 1 duplicate" in lines
    assert "scenarios  4 kept, 3 rejected" in lines
    assert "egos       5 considered: 3 kept, 2 rejected" in lines
    assert "disturbed  2 drives: 1 kept, 1 rejected" in lines
    assert f"digest     {dataset.digest}" in lines
    assert [line.split()[:5] for line in after(lines, "split")] == [
        ["train", "3", "2", "2", "160"],
        ["validation", "2", "1", "1", "80"],
        ["test", "2", "1", "1", "80"],
    ]
    assert [line.split()[:3] for line in after(lines, "rejected")] == [
        ["parked", "2", "33.3%"],
        ["arrived"],
        ["too_short", "1", "16.7%"],
    ]
    assert after(lines, "observation") == ["all              0-2  [three] words"]


def test_long_paths_stay_whole(dataset: Dataset, tmp_path: Path) -> None:
    place = tmp_path / ("a long [red] name" * 5)
    dataset.root.rename(place)
    source = "s3://bucket/" + "folder/" * 20
    (place / "run.json").write_text(json.dumps({"seconds": 90.0, "began": "then", "sources": ["here", source]}))
    lines = printed(Dataset(place, dataset.manifest))
    assert f"dataset    {place}" in lines
    assert lines[lines.index("from       here") + 1] == f"           {source}"
    assert "made       by gold-data 0.1.0 in 1.5 min, begun then" in lines


def test_the_first_of_the_damaged_are_listed(dataset: Dataset) -> None:
    write_damaged(dataset.root, SHOWN + 2)
    lines = after(printed(dataset), "damaged")
    assert lines[0] == "training/a at byte 0 (1.23 kB): why 0"
    assert lines[SHOWN:] == ["and 2 more in damaged.jsonl"]


def test_changed_settings_are_listed(dataset: Dataset) -> None:
    assert "settings   all at their defaults" in printed(dataset)
    settings = with_changes(ConvertSettings(), {"acceptance.min_route": "5"})
    (dataset.root / "settings.json").write_text(settings.model_dump_json())
    lines = printed(dataset)
    assert [line.split() for line in after(lines, "changed setting")] == [["acceptance.min_route", "5.0", "10.0"]]
    assert "settings   all at their defaults" not in lines


def test_scenarios_not_asked_for_are_said(dataset: Dataset) -> None:
    counts = dataset.manifest.counts
    fewer = counts.scenarios.model_copy(update={"rejected": 1, "unplanned": 2})
    manifest = dataset.manifest.model_copy(update={"counts": counts.model_copy(update={"scenarios": fewer})})
    assert "scenarios  4 kept, 1 rejected, 2 not asked for" in printed(Dataset(dataset.root, manifest))


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (44_600, "44.6 kB"), (999_600, "1 MB"), (2.5e12, "2.5 TB")],
)
def test_sizes(count: float, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1.24, "1.2 s"), (59.96, "1 min"), (164.6, "2.7 min"), (3599, "1 h 00 min"), (9000, "2 h 30 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_inspect_loads_nothing_that_draws_or_drives() -> None:
    code = "import sys, gold_data.cli, gold_data.views.inspect; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert "gold_data.views.inspect" in loaded
    assert not loaded & {
        "scipy",
        "matplotlib",
        "metadrive",
        "dask",
        "gold_data.conversion.job",
        "gold_data.views.picture",
    }
