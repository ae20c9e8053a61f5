"""Which episodes a report shows follows from their names and from who drove them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from views_material import Material, make_material, other_ego, write_dataset

from gold_data.settings import ConvertSettings
from gold_data.shards import Dataset
from gold_data.views.chosen import SHOWN, Named, disturbed_episodes, named_episodes, other_egos
from gold_data.views.record import NoRecord, Records


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("views"))


def test_all_are_named_in_order_with_their_numbers(material: Material) -> None:
    named = named_episodes(material.dataset)
    assert [(one.scenario, one.ego) for one in named] == sorted((one.scenario, one.ego) for one in named)
    for one in named:
        episode = material.dataset.episode(one.number)
        assert (one.scenario, one.ego) == (episode["scenario_id"], episode["ego_id"])
        off = bool(episode["noise"] or episode["start"] or np.any(episode["start_offset"]))
        assert one.disturbed is off


def test_disturbed_ones_are_of_different_scenarios_first() -> None:
    names = [("a", "1"), ("a", "2"), ("b", "1"), ("c", "1"), ("d", "1")]
    named = tuple(Named(number, *name, disturbed=name != ("c", "1")) for number, name in enumerate(names))
    assert disturbed_episodes(named) == (0, 2, 4)
    assert disturbed_episodes(named[:3]) == (0, 2, 1)
    assert disturbed_episodes(()) == ()
    assert len(disturbed_episodes(named * 3)) == SHOWN


def test_other_egos_are_those_that_are_not_the_records_own_car(material: Material, tmp_path: Path) -> None:
    others = [other_ego(material, number) for number in range(4)]
    own = replace(others[0], ego_id=material.descriptions[0]["metadata"]["sdc_id"])
    dataset = write_dataset(tmp_path / "dataset", {"train": [own, *others]}, [])
    (dataset.root / "settings.json").write_text(json.dumps(ConvertSettings(ego="moving").model_dump(mode="json")))
    named = named_episodes(dataset)
    found = other_egos(dataset, named, Records(dataset, [str(material.records)]))
    assert not isinstance(found, NoRecord)
    assert len(found) == SHOWN
    chosen = [dataset.episode(number) for number in found]
    assert [one["scenario_id"] for one in chosen] == sorted(one["scenario_id"] for one in chosen)
    assert len({one["scenario_id"] for one in chosen}) == SHOWN
    assert all(one["ego_id"] != material_own(material, one["scenario_id"]) for one in chosen)
    assert isinstance(other_egos(dataset, named, Records(dataset)), NoRecord)


def material_own(material: Material, scenario: str) -> str:
    (description,) = [one for one in material.descriptions if one["id"] == scenario]
    return str(description["metadata"]["sdc_id"])


def test_where_only_the_own_car_was_asked_for_no_record_is_looked_at(material: Material, tmp_path: Path) -> None:
    shutil.copytree(material.dataset.root, tmp_path / "dataset")
    dataset = Dataset(tmp_path / "dataset", material.dataset.manifest)
    assert other_egos(dataset, named_episodes(dataset), Records(dataset)) == ()
