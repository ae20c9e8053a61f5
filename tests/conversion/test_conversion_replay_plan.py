from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from straight_road import EGO, straight_record, write_source

from gold_data import Dataset, open_dataset
from gold_data.conversion.replay_plan import Contents, contents_of, plan_for_dataset, plan_for_sources
from gold_data.errors import DatasetError, SourceError
from gold_data.sources import Source, find_sources


def _index(sources: Sequence[Source]) -> Iterator[Contents]:
    return map(contents_of, sources)


def _copy(dataset: Dataset, to: Path, *without: str) -> Dataset:
    shutil.copytree(dataset.root, to, ignore=shutil.ignore_patterns(*without) if without else None)
    return open_dataset(to)


def test_every_record_of_the_sources_and_what_is_damaged(tmp_path: Path) -> None:
    records = [straight_record(name) for name in ("0a", "0b", "0a")]
    write_source(tmp_path / "src" / "a.tfrecord", records, damaged=[1])
    write_source(tmp_path / "src" / "b.tfrecord", [straight_record("0c")])
    plan = plan_for_sources([str(tmp_path / "src")], _index)
    assert [(one.place.scenario_id, one.place.source.name, one.ego_id) for one in plan.asked] == [
        ("0a", "src/a.tfrecord", None),
        ("0a", "src/a.tfrecord", None),
        ("0c", "src/b.tfrecord", None),
    ]
    assert [(one.source, one.offset) for one in plan.damaged] == [("src/a.tfrecord", len(records[0]) + 16)]
    assert plan.missing == ()


def test_each_ego_of_a_dataset_once(converted: Dataset) -> None:
    plan = plan_for_dataset(converted, [], _index)
    episodes = list(converted.episodes())
    assert [(one.place.scenario_id, one.ego_id) for one in plan.asked] == [
        (episode["scenario_id"], episode["ego_id"]) for episode in episodes
    ]
    assert len(episodes) == 6
    assert {one.ego_id for one in plan.asked} == {str(EGO)}
    assert {one.place.source.kind for one in plan.asked} == {"scenarionet"}
    assert plan.missing == plan.damaged == ()


@pytest.mark.parametrize("named", [True, False])
def test_records_where_there_is_no_database(
    converted: Dataset, small_sources: list[str], tmp_path: Path, named: bool
) -> None:
    dataset = _copy(converted, tmp_path / "dataset", "scenarios")
    plan = plan_for_dataset(dataset, small_sources if named else [], _index)
    places = [(e["source"], int(e["offset"]), int(e["crc"])) for e in dataset.episodes()]
    assert [(one.place.source.name, one.place.offset, one.place.crc) for one in plan.asked] == places
    assert plan.missing == ()


def test_an_episode_without_a_record_is_named(converted: Dataset, small_sources: list[str]) -> None:
    plan = plan_for_dataset(converted, small_sources[1:], _index)
    elsewhere = [e for e in converted.episodes() if not str(e["source"]).startswith("more/")]
    assert elsewhere
    assert len(plan.asked) + len(plan.missing) == 6
    assert [(one.source, one.offset) for one in plan.missing] == [(e["source"], int(e["offset"])) for e in elsewhere]
    assert all(e.id in one.reason for e, one in zip(elsewhere, plan.missing, strict=True))


def test_a_record_that_was_changed_is_not_taken_for_it(
    converted: Dataset, small_sources: list[str], tmp_path: Path
) -> None:
    episode = next(converted.episodes())
    (source,) = (one for one in find_sources(small_sources) if one.name == episode["source"])
    content = Path(source.location).read_bytes()
    changed = write_source(tmp_path / Path(source.name).name, [straight_record("other")])
    changed.write_bytes(changed.read_bytes() + content[changed.stat().st_size :])
    plan = plan_for_dataset(converted, [str(changed)], _index)
    assert episode.id not in {f"{one.place.scenario_id}/{one.ego_id}" for one in plan.asked}


@pytest.mark.parametrize("run", [None, "", "[]", "{}", json.dumps({"sources": 3})])
def test_a_dataset_that_leads_nowhere(converted: Dataset, tmp_path: Path, run: str | None) -> None:
    dataset = _copy(converted, tmp_path / "dataset", "scenarios", "run.json")
    if run is not None:
        (dataset.root / "run.json").write_text(run)
    with pytest.raises(DatasetError, match=r"neither scenarios/ nor run\.json leads to its records; give --source"):
        plan_for_dataset(dataset, [], _index)


def test_sources_that_are_gone(converted: Dataset, tmp_path: Path) -> None:
    dataset = _copy(converted, tmp_path / "dataset", "scenarios")
    (dataset.root / "run.json").write_text(json.dumps({"sources": [str(tmp_path / "gone")]}))
    with pytest.raises(SourceError, match="there is no such file or folder"):
        plan_for_dataset(dataset, [], _index)
