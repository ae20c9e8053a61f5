"""What is said of a dataset is what its files say."""

from __future__ import annotations

import ast
import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest
from views_material import make_material, write_damaged

import gold_data
from gold_data.errors import DatasetError
from gold_data.settings import ConvertSettings, with_changes
from gold_data.shards import Dataset
from gold_data.trajectories.acceptance import RULES
from gold_data.views.contents import contents, contents_json


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_material(tmp_path_factory.mktemp("views")).dataset


@pytest.fixture
def dataset(original: Dataset, tmp_path: Path) -> Dataset:
    shutil.copytree(original.root, tmp_path / "dataset")
    return Dataset(tmp_path / "dataset", original.manifest)


def test_counts_are_the_manifests(dataset: Dataset) -> None:
    found, counts = contents(dataset), dataset.manifest.counts
    assert found.records == {"read": 9, "damaged": 1, "duplicate": 1, "scenarios": 7}
    assert found.scenarios == {"kept": 4, "rejected": 3, "unplanned": 0}
    assert found.egos == {"considered": 5, "kept": 3, "rejected": 2, "unplanned": 0}
    assert found.demonstrations == {"driven": 2, "kept": 1, "rejected": 1}
    assert (found.episodes, found.steps, found.bytes) == (4, 320, counts.bytes)
    assert found.digest == dataset.digest


def test_splits_stand_in_the_order_of_use(dataset: Dataset) -> None:
    splits = contents(dataset).splits
    assert [split.name for split in splits] == ["train", "validation", "test"]
    assert [(split.planned, split.episodes, split.steps, split.shards) for split in splits] == [
        (3, 2, 160, 1),
        (2, 1, 80, 1),
        (2, 1, 80, 1),
    ]
    sizes = [
        sum(f.stat().st_size for f in (dataset.root / "shards" / f"{split.name}-00000.zarr").rglob("*") if f.is_file())
        for split in splits
    ]
    assert [split.bytes for split in splits] == sizes


def test_rejections_are_shares_of_all_that_could_be_episodes(dataset: Dataset) -> None:
    parked, too_short = contents(dataset).rejections
    assert (parked.rule, parked.egos, parked.share) == ("parked", 2, 2 / 6)  # 5 egos, 1 scenario without one
    assert (too_short.rule, too_short.egos, too_short.share) == ("too_short", 1, 1 / 6)
    assert parked.meaning == RULES["parked"]


def test_disturbed_drives_are_counted_apart_from_egos(dataset: Dataset) -> None:
    before = contents(dataset).rejections
    with (dataset.root / "rejected.jsonl").open("a") as rows:
        rows.write('{"rule": "cost", "ego": "1", "demonstration": 2}\n')
    found = contents(dataset)
    assert found.rejections == before
    (cost,) = found.demonstrations_rejected
    assert (cost.rule, cost.egos, cost.share) == ("cost", 1, 1 / 2)


def test_every_rule_that_is_given_has_a_meaning() -> None:
    given: set[str] = set()
    for path in Path(gold_data.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                rule = node.args[0]
                if node.func.id in ("Rejection", "_costly") and isinstance(rule, ast.Constant):
                    given.add(str(rule.value))
    assert given == set(RULES)


def test_only_settings_that_differ_are_listed(dataset: Dataset) -> None:
    assert contents(dataset).settings_changed == ()
    settings = with_changes(ConvertSettings(), {"acceptance.min_route": "5", "unit": "7"}).model_dump(mode="json")
    (dataset.root / "settings.json").write_text(json.dumps(settings | {"colour": "red"}))
    changed = {row.name: (row.value, row.default) for row in contents(dataset).settings_changed}
    assert changed == {"acceptance.min_route": (5.0, 10.0), "unit": (7, 50), "colour": ("red", None)}


def test_what_run_json_says(dataset: Dataset) -> None:
    assert (contents(dataset).sources, contents(dataset).seconds, contents(dataset).began) == (None, None, None)
    (dataset.root / "run.json").write_text('{"began": "now", "seconds": 1.5, "sources": ["a", "b"]}')
    found = contents(dataset)
    assert (found.sources, found.seconds, found.began) == (("a", "b"), 1.5, "now")


def test_damaged_stretches_are_all_there(dataset: Dataset) -> None:
    write_damaged(dataset.root, 9)
    damaged = contents(dataset).damaged
    assert [(row.offset, row.reason) for row in damaged] == [(100 * number, f"why {number}") for number in range(9)]


def test_json_is_the_same(dataset: Dataset) -> None:
    found = contents(dataset)
    assert json.loads(contents_json(dataset)) == json.loads(json.dumps(asdict(found)))
    assert json.loads(contents_json(dataset))["observation"] == [
        {"name": "all", "start": 0, "stop": 3, "low": 0.0, "high": 1.0, "meaning": "[three] words"}
    ]


def test_small_files_may_be_absent(dataset: Dataset) -> None:
    for name in ("rejected.jsonl", "damaged.jsonl", "settings.json"):
        (dataset.root / name).unlink()
    found = contents(dataset)
    assert (found.rejections, found.damaged, found.settings_changed) == ((), (), ())


@pytest.mark.parametrize(
    ("name", "content"),
    [("rejected.jsonl", "{"), ("rejected.jsonl", '{"rule": "parked"}'), ("settings.json", "[]"), ("run.json", "\xff")],
)
def test_what_cannot_be_read_is_named(dataset: Dataset, name: str, content: str) -> None:
    (dataset.root / name).write_bytes(content.encode("latin-1"))
    with pytest.raises(DatasetError, match=name):
        contents(dataset)


def test_what_may_not_be_read_is_named(dataset: Dataset) -> None:
    (dataset.root / "settings.json").unlink()
    (dataset.root / "settings.json").mkdir()
    with pytest.raises(DatasetError, match=r"settings\.json"):
        contents(dataset)
