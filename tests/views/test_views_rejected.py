"""A rejected ego's scene: the reason in words, and the place where it happened."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from views_material import Material, make_material

from gold_data.errors import DatasetError, OutputError, SourceError
from gold_data.replay.scene import EGO_LENGTH
from gold_data.scenarionet import Description
from gold_data.shards import Dataset
from gold_data.trajectories.acceptance import RULES
from gold_data.views.incident import Incident, incident
from gold_data.views.record import NoRecord, Records
from gold_data.views.rejected import draw_rejected, rejected_figure
from gold_data.views.rejected_egos import UNITS, RejectedEgo, first_of_each_rule, rejected_ego, rejected_egos


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("views"))


@pytest.fixture
def dataset(material: Material, tmp_path: Path) -> Dataset:
    shutil.copytree(material.dataset.root, tmp_path / "dataset")
    return Dataset(tmp_path / "dataset", material.dataset.manifest)


def changed(description: Description, **state: Any) -> Description:
    """The description with other states of its own car."""
    name = description["metadata"]["sdc_id"]
    track = description["tracks"][name]
    return description | {"tracks": description["tracks"] | {name: track | {"state": track["state"] | state}}}


def rejected(description: Description, rule: str, detail: str = "", value: float | None = None) -> RejectedEgo:
    return RejectedEgo(description["id"], description["metadata"]["sdc_id"], rule, value, 3.0, detail, "x", 0, 0)


def met(ego: RejectedEgo, description: Description) -> Incident:
    found = incident(ego, description)
    assert found is not None
    return found


def position_of(description: Description, frame: int) -> np.ndarray:
    name = description["metadata"]["sdc_id"]
    return np.asarray(description["tracks"][name]["state"]["position"][frame, :2], np.float64)


def said(picture: Figure) -> str:
    return "\n".join(text.get_text() for text in (*picture.texts, *picture.axes[0].texts)).replace("\n", " ")


def test_a_jump_is_marked_where_it_is(material: Material) -> None:
    description = material.descriptions[0]
    position = description["tracks"][description["metadata"]["sdc_id"]]["state"]["position"].copy()
    position[33:] += [3.0, 4.0, 0.0]
    jumped = changed(description, position=position)
    found = met(rejected(jumped, "pose_jump"), jumped)
    assert found.frame == 33
    assert np.array_equal(found.place, position_of(jumped, 33))
    assert "to 3.3 s of the record" in found.words
    picture = rejected_figure(rejected(jumped, "pose_jump", value=50.0), jumped)
    (mark,) = [one for one in picture.axes[0].lines if one.get_gid() == "incident"]
    assert np.array_equal(np.asarray(mark.get_xydata())[0], found.place)


def test_a_short_stay_is_marked_at_its_end(material: Material) -> None:
    description = material.descriptions[0]
    valid = np.zeros(description["length"], bool)
    valid[5:25] = True
    short = changed(description, valid=valid)
    found = met(rejected(short, "too_short"), short)
    assert (found.frame, "20 steps only" in found.words) == (24, True)
    picture = rejected_figure(rejected(short, "too_short", value=20.0), short)
    (path,) = [one for one in picture.axes[0].lines if one.get_label() == "recorded"]
    assert np.array_equal(np.isfinite(np.asarray(path.get_xydata())[:, 0]), valid)


def test_a_number_that_is_none_ends_a_stay(material: Material) -> None:
    description = material.descriptions[0]
    state = description["tracks"][description["metadata"]["sdc_id"]]["state"]
    velocity = state["velocity"].copy()
    velocity[60:, 0] = np.nan
    assert met(rejected(description, "parked"), changed(description, velocity=velocity)).frame == 59


def test_a_contact_is_marked_at_the_nearest_body(material: Material) -> None:
    description = material.descriptions[0]
    own = description["metadata"]["sdc_id"]
    state = description["tracks"][own]["state"]
    heading = np.asarray(state["heading"], np.float64)
    ahead = np.column_stack([np.cos(heading), np.sin(heading), np.zeros(len(heading))])
    close = {**state, "position": (state["position"] + 4 * ahead).astype(np.float32)}
    far = {**state, "position": (state["position"] - 9 * ahead).astype(np.float32)}
    tracks = {own: description["tracks"][own]} | {
        name: description["tracks"][own] | {"state": one} for name, one in (("far", far), ("close", close))
    }
    scene = description | {"tracks": tracks}
    for rule in ("contact_on_log", "cost"):
        found = met(rejected(scene, rule, "first at step 30"), scene)
        assert found.frame == 30
        assert found.place == pytest.approx(close["position"][30, :2], abs=1e-3)
        assert "meets the body of a vehicle" in found.words
        assert len(found.bodies) == 2
    tracks.pop("close")
    apart = met(rejected(scene, "cost", "first at step 30"), scene)
    own_length, its_length = (float(np.ptp(body @ ahead[30, :2])) for body in apart.bodies)
    assert own_length == pytest.approx(EGO_LENGTH, abs=1e-3)
    assert f"{9 - (own_length + its_length) / 2:.2g} m away" in apart.words


def test_an_ego_that_is_alone_is_marked_itself(material: Material) -> None:
    description = material.descriptions[0]
    own = description["metadata"]["sdc_id"]
    alone = description | {"tracks": {own: description["tracks"][own]}}
    found = met(rejected(alone, "cost", "first at step 12"), alone)
    assert found.place == pytest.approx(position_of(alone, 12), abs=1e-3)
    hung = met(rejected(alone, "simulator_error", "timeout at step 7"), alone)
    assert (hung.frame, hung.bodies) == (7, ())
    assert "timeout at step 7" in hung.words
    assert met(rejected(alone, "simulator_error", "ValueError before the first step"), alone).frame == 0


def test_a_map_that_is_elsewhere_is_said(material: Material) -> None:
    description = material.descriptions[0]
    point = position_of(description, 0) + np.array([30.0, 40.0])
    lane = {"type": "LANE_SURFACE_STREET", "polyline": np.array([[*point, 0.0]])}
    elsewhere = description | {"map_features": {"1": lane}}
    found = met(rejected(elsewhere, "no_map"), elsewhere)
    gaps = [np.hypot(*(point - position_of(elsewhere, frame))) for frame in range(elsewhere["length"])]
    assert found.frame == int(np.argmin(gaps))
    assert f"{min(gaps):.3g} m away" in found.words
    bare = description | {"map_features": {}}
    assert "no lane" in met(rejected(bare, "no_map"), bare).words


def test_headings_are_marked_where_they_are_furthest_from_the_course(material: Material) -> None:
    description = material.descriptions[0]
    velocity = description["tracks"][description["metadata"]["sdc_id"]]["state"]["velocity"].copy()
    heading = description["tracks"][description["metadata"]["sdc_id"]]["state"]["heading"].copy()
    heading[:], velocity[:] = 0.2, [30.0, 0.0]
    velocity[44], velocity[50] = [0.0, 3.0], [-0.1, 0.0]
    turned = changed(description, velocity=velocity, heading=heading)
    found = met(rejected(turned, "bad_heading"), turned)
    assert found.frame == 44  # not where it is fastest, nor where it stands and faces backwards
    assert "heading 0.20, course 1.57 rad" in found.words
    still = changed(description, velocity=0.0 * velocity, heading=heading)
    assert met(rejected(still, "bad_heading"), still).frame == 0


@pytest.mark.parametrize("rule", [*RULES, "a_rule_of_tomorrow"])
def test_every_rule_has_a_picture(material: Material, rule: str) -> None:
    description = material.descriptions[1]
    ego = rejected(description, rule, "first at step 3", 1.25)
    picture = rejected_figure(ego, description)
    text = said(picture)
    assert ego.id in text
    assert rule in text
    assert RULES.get(rule, "does not have") in text
    unit = f" {UNITS[rule]}" if rule in UNITS else ""
    assert f"; 1.25{unit} where the threshold is 3{unit}" in text
    assert [one for one in picture.axes[0].collections if one.get_gid() == "ego"]


def test_a_scenario_without_an_ego_shows_everybody(material: Material) -> None:
    description = material.descriptions[0]
    nobody = RejectedEgo(description["id"], "", "too_short", 0.0, None, "the record names no ego", "x", 0, 0)
    assert incident(nobody, description) is None
    picture = rejected_figure(nobody, description)
    assert not [one for one in picture.axes[0].collections if one.get_gid() == "ego"]
    assert [one for one in picture.axes[0].collections if one.get_gid() == "road user"]
    empty = description | {"tracks": {}}
    assert rejected_figure(nobody, empty).axes


def test_rows_are_ordered_and_disturbed_drives_left_out(dataset: Dataset) -> None:
    with (dataset.root / "rejected.jsonl").open("a") as rows:
        row = json.loads((dataset.root / "rejected.jsonl").read_text().splitlines()[0])
        rows.write(json.dumps(row | {"demonstration": 3, "rule": "cost"}) + "\n")
    egos = rejected_egos(dataset)
    assert [ego.id for ego in egos] == sorted(ego.id for ego in egos)
    assert [ego.rule for ego in first_of_each_rule(egos)] == ["too_short", "parked"]
    parked = [ego for ego in egos if ego.rule == "parked"]
    assert first_of_each_rule(egos)[1] == parked[0]
    assert rejected_ego(dataset, parked[1].id) == parked[1]
    with pytest.raises(DatasetError, match="has no nobody"):
        rejected_ego(dataset, "nobody")


def test_each_is_drawn_alone(material: Material, dataset: Dataset, tmp_path: Path) -> None:
    parked = next(ego for ego in rejected_egos(dataset) if ego.rule == "parked")
    draw_rejected(dataset, parked.id, tmp_path / "a.png", [str(material.records)])
    assert struct.unpack(">II", (tmp_path / "a.png").read_bytes()[16:24]) == (1600, 1240)
    with pytest.raises(SourceError, match=r"scenarios/ nor run\.json"):
        draw_rejected(dataset, parked.id, tmp_path / "b.png")
    with pytest.raises(OutputError, match=r"ends in \.png"):
        draw_rejected(dataset, parked.id, tmp_path / "b.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "dataset"]


def test_the_record_is_the_rejected_scenarios(material: Material, dataset: Dataset) -> None:
    records = Records(dataset, [str(material.records)])
    for ego in rejected_egos(dataset):
        found = records.of_rejected(ego)
        assert not isinstance(found, NoRecord)
        assert found["id"] == ego.scenario
    moved = RejectedEgo("another", "1", "parked", 0.0, 10.0, "", ego.source, ego.offset, ego.crc + 1)
    with pytest.raises(SourceError, match="holds no file"):
        records.of_rejected(moved)
    nowhere = RejectedEgo(ego.scenario, ego.ego, "parked", 0.0, 10.0, "", ego.source, ego.offset + 1, ego.crc)
    with pytest.raises(SourceError, match=f"byte {nowhere.offset}"):
        records.of_rejected(nowhere)
