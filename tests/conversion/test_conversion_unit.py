from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from conversion_faults import FAULTS, faulty_drive
from straight_road import QUICK, straight_record, straight_scenario, write_source

from gold_data.conversion.index import index_source
from gold_data.conversion.plan import make_plan
from gold_data.conversion.rows import PlannedRecord, Unit, UnitRow
from gold_data.conversion.unit import ROWS, Task, _convert, convert_unit
from gold_data.errors import OutputError, RecordError
from gold_data.replay import Isolated
from gold_data.scenarionet import load
from gold_data.settings import CheckSettings, ConvertSettings, DemonstrationSettings, SplitSettings
from gold_data.shards import read_shard
from gold_data.sources import Source, find_sources
from gold_data.synth.records import encode

ALL = QUICK.model_copy(update={"unit": 50, "split": SplitSettings(train=100)})
UNIT = "train-00000"


def planned(folder: Path, *records: bytes, settings: ConvertSettings = ALL) -> tuple[Source, tuple[PlannedRecord, ...]]:
    """Records in a file, and the plan's rows of those that can be driven, in the plan's order."""
    path = write_source(folder / "src" / "a.tfrecord-00000-of-00001", records)
    (source,) = find_sources([str(path)])
    index = index_source(source, settings)
    drivable = sum(record.candidates.egos[0].rejection is None for record in index.records)
    plan = make_plan([index], settings.model_copy(update={"split": SplitSettings(train=drivable)}))
    return source, tuple(record for unit in plan.units for record in unit.records)


def task(out: Path, source: Source, records: tuple[PlannedRecord, ...], settings: ConvertSettings = ALL) -> Task:
    for folder in ("shards", ROWS):
        (out / folder).mkdir(parents=True, exist_ok=True)
    return Task(Unit(name=UNIT, split="train", records=records), {source.name: source}, settings, out, 60.0)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_unit_is_its_records_described_driven_and_written(tmp_path: Path) -> None:
    records = [straight_record("aa"), straight_record("bb", obstacle=True), straight_record("cc", steps=40)]
    source, rows = planned(tmp_path, *records)
    told: list[str] = []
    row = convert_unit(task(tmp_path / "out", source, rows), told.append)
    assert (row.name, row.split, row.planned, row.kept) == (UNIT, "train", 3, 2)
    assert sorted(told) == ["contact_on_log", "kept", "kept"]
    assert UnitRow.model_validate_json((tmp_path / "out" / ROWS / f"{UNIT}.json").read_text()) == row
    (touched,) = row.rejected
    assert (touched.scenario, touched.ego, touched.rule, touched.threshold) == ("bb", "7", "contact_on_log", 0.0)
    assert touched.detail.startswith("first at step ")
    assert (touched.source, touched.offset) == (source.name, len(records[0]) + 16)

    assert row.shard is not None
    arrays = read_shard(tmp_path / "out" / "shards" / row.shard.name, row.shard)
    order = [record for record in rows if record.scenario_id != "bb"]
    assert list(arrays["scenario_id"]) == [record.scenario_id for record in order]
    assert list(arrays["offset"]) == [record.offset for record in order]
    assert list(arrays["crc"]) == [record.crc for record in order]
    assert list(arrays["drive"]) == [record.scenario_id for record in order]
    assert set(arrays["source"]) == {source.name}
    assert arrays["arrived"].all()

    database = tmp_path / "out" / "scenarios" / UNIT
    names = sorted(f"scenarios/{UNIT}/{path.name}" for path in database.iterdir())
    assert [file.path for file in row.scenario_files] == names
    assert [load(database / f"sd_waymo_v1.2_{name}.pkl")["id"] for name in ("aa", "cc")] == ["aa", "cc"]


def test_a_fault_costs_its_scenario_and_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = ["good", "raise", "raise-4", "kill-9", "crash-2", "exit", "fine", "hang-17", "last"]
    source, rows = planned(tmp_path, *map(straight_record, names))
    survivors = tuple(record for record in rows if record.scenario_id.partition("-")[0] not in FAULTS)
    alone = convert_unit(task(tmp_path / "alone", source, survivors))
    told: list[str] = []
    with Isolated(faulty_drive, 8.0) as simulator, caplog.at_level(logging.WARNING):
        row = _convert(task(tmp_path / "faulty", source, rows), simulator, told.append)
    assert {rejection.scenario: (rejection.rule, rejection.detail) for rejection in row.rejected} == {
        "raise": ("simulator_error", "ZeroDivisionError before the first step"),
        "raise-4": ("simulator_error", "ZeroDivisionError at step 4"),
        "kill-9": ("simulator_error", "died by SIGKILL at step 9"),
        "crash-2": ("simulator_error", "died by SIGSEGV at step 2"),
        "exit": ("simulator_error", "died by exit code 3 before the first step"),
        "hang-17": ("simulator_error", "timeout at step 17"),
    }
    assert (row.planned, row.kept) == (9, 3)
    assert sorted(told) == ["kept"] * 3 + ["simulator_error"] * 6
    assert any("/some/place" in message for message in caplog.messages)

    assert alone.shard == row.shard
    assert alone.scenario_files == row.scenario_files
    for folder in ("shards", "scenarios"):
        assert files(tmp_path / "faulty" / folder) == files(tmp_path / "alone" / folder)
    assert b"/some/place" not in (tmp_path / "faulty" / ROWS / f"{UNIT}.json").read_bytes()


def test_what_an_attempt_left_is_replaced(tmp_path: Path) -> None:
    source, rows = planned(tmp_path, straight_record("aa"))
    fresh = task(tmp_path / "fresh", source, rows)
    expected = convert_unit(fresh)
    again = replace(fresh, out=tmp_path / "again")
    shutil.copytree(fresh.out, again.out)
    shutil.rmtree(again.out / "shards" / f"{UNIT}.zarr" / "rewards")
    (again.out / "shards" / f".{UNIT}.zarr.0123.partial" / "rewards").mkdir(parents=True)
    (again.out / "scenarios" / f".{UNIT}.0123.partial").mkdir()
    (again.out / "scenarios" / UNIT / "dataset_summary.pkl").unlink()
    other = again.out / "shards" / ".train-00001.zarr.0123.partial"
    other.mkdir()
    assert convert_unit(again) == expected
    assert other.is_dir(), "another worker is at it"
    other.rmdir()
    assert files(again.out) == files(fresh.out)
    assert sorted(path.name for path in (again.out / "shards").iterdir()) == [f"{UNIT}.zarr"]


def test_nothing_kept_is_no_shard_and_no_database(tmp_path: Path) -> None:
    source, rows = planned(tmp_path, straight_record("aa", obstacle=True))
    row = convert_unit(task(tmp_path / "out", source, rows))
    assert (row.planned, row.kept, row.shard, row.scenario_files) == (1, 0, None, ())
    assert list(files(tmp_path / "out")) == [f"{ROWS}/{UNIT}.json", f"{ROWS}/{UNIT}.lock"]


def test_a_record_that_cannot_be_described_is_rejected(tmp_path: Path) -> None:
    scenario = straight_scenario("aa")
    twice = replace(scenario, tracks=(scenario.tracks[0], *scenario.tracks))
    source, rows = planned(tmp_path, encode(replace(twice, sdc_track_index=2)), straight_record("bb"))
    row = convert_unit(task(tmp_path / "out", source, rows))
    assert [(found.scenario, found.ego, found.rule, found.detail) for found in row.rejected] == [
        ("aa", "7", "not_describable", "two tracks with id 3")
    ]
    assert row.kept == 1


@pytest.mark.parametrize("engine", ["metadrive", "batched"])
def test_a_scene_that_no_engine_can_drive_costs_itself_and_says_why(
    tmp_path: Path, engine: Literal["metadrive", "batched"]
) -> None:
    scenario = straight_scenario("aa")
    (parked, ego) = scenario.tracks
    states = parked.states.copy()
    states["length"][5] = 0.0
    bad = replace(scenario, tracks=(replace(parked, states=states), ego))
    settings = ALL.model_copy(update={"engine": engine})
    source, rows = planned(tmp_path, straight_record("bb"), encode(bad), straight_record("cc"), settings=settings)
    row = convert_unit(task(tmp_path / "out", source, rows, settings))
    assert (row.planned, row.kept) == (3, 2)
    assert [(found.scenario, found.ego, found.rule, found.detail) for found in row.rejected] == [
        (
            "aa",
            "7",
            "simulator_error",
            "scene aa: length of VEHICLE 3 is 0 m in frame 5: leave the scene out",
        )
    ]
    alone, others = planned(tmp_path / "alone", straight_record("bb"), straight_record("cc"), settings=settings)
    expected = convert_unit(task(tmp_path / "alone" / "out", alone, others, settings))
    assert expected.shard is not None
    assert row.shard is not None
    for name, values in read_shard(tmp_path / "alone" / "out" / "shards" / expected.shard.name, expected.shard).items():
        if name != "offset":
            kept = read_shard(tmp_path / "out" / "shards" / row.shard.name, row.shard)[name]
            np.testing.assert_array_equal(kept, values, err_msg=name)


def test_the_batched_engine_needs_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that touches someone on its way is found without MetaDrive, and so is one that does not."""
    settings = ALL.model_copy(update={"engine": "batched", "check": CheckSettings(share=0.0)})
    source, rows = planned(tmp_path, straight_record("aa"), straight_record("bb", obstacle=True), settings=settings)

    def no_child(simulator: object, job: object) -> None:
        raise AssertionError("a child was asked")

    monkeypatch.setattr(Isolated, "__call__", no_child)
    row = convert_unit(task(tmp_path / "out", source, rows, settings))
    assert row.kept == 1
    assert [(found.scenario, found.rule) for found in row.rejected] == [("bb", "contact_on_log")]


def test_a_source_that_was_changed_is_not_converted(tmp_path: Path) -> None:
    records = [straight_record("aa"), straight_record("bb")]
    source, rows = planned(tmp_path, *records)
    for changed, reason in ((records[::-1], "changed"), (records[:0], "ends inside")):
        write_source(Path(source.location), changed)
        with pytest.raises(RecordError, match=reason) as caught:
            convert_unit(task(tmp_path / "out", source, rows))
        assert caught.value.source == source.name
        assert caught.value.offset in {record.offset for record in rows}
    assert not list((tmp_path / "out" / ROWS).glob("*.json"))


def test_a_record_of_the_same_name_and_other_bytes_is_not_converted(tmp_path: Path) -> None:
    source, rows = planned(tmp_path, straight_record("aa"))
    write_source(Path(source.location), [straight_record("aa", speed=11.0)])
    with pytest.raises(RecordError, match="changed"):
        convert_unit(task(tmp_path / "out", source, rows))


def test_an_ego_that_is_there_for_a_while_is_driven_over_that_while(tmp_path: Path) -> None:
    scenario = straight_scenario("aa", steps=40)
    *others, ego = scenario.tracks
    states = ego.states.copy()
    states["valid"][[0, 1, 2, 33]] = False
    source, rows = planned(tmp_path, encode(replace(scenario, tracks=(*others, replace(ego, states=states)))))
    assert [(ego.first, ego.last) for record in rows for ego in record.egos] == [(3, 33)]
    row = convert_unit(task(tmp_path / "out", source, rows))
    assert row.shard is not None
    arrays = read_shard(tmp_path / "out" / "shards" / row.shard.name, row.shard)
    assert arrays["log_state"][0, 0] == pytest.approx(states["center_x"][3])
    assert arrays["length"][0] <= 29


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    source, rows = planned(tmp_path, straight_record("aa"))
    blocked = task(tmp_path / "out", source, rows)
    shutil.rmtree(tmp_path / "out" / "shards")
    (tmp_path / "out" / "shards").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        convert_unit(blocked)


def test_other_egos_and_their_demonstrations_are_episodes_of_their_scenario(tmp_path: Path) -> None:
    scenario = straight_scenario("aa", steps=40)
    (parked, own) = scenario.tracks
    # Another car 12 m behind the ego, there from the fourth frame on.
    follower = own.states.copy()
    follower["center_x"] -= 12.0
    follower["valid"][:4] = False
    both = replace(scenario, tracks=(parked, replace(own, id=9, states=follower), own), sdc_track_index=2)
    wanted = ALL.model_copy(update={"ego": "moving", "demonstrations": DemonstrationSettings(number=2)})
    source, rows = planned(tmp_path, encode(both), settings=wanted)
    assert [(ego.ego_id, ego.first, ego.last) for ego in rows[0].egos] == [("7", 0, 40), ("9", 4, 40)]
    row = convert_unit(task(tmp_path / "out", source, rows, wanted))
    assert (row.planned, row.kept, row.egos) == (1, 1, 2)
    assert row.shard is not None
    arrays = read_shard(tmp_path / "out" / "shards" / row.shard.name, row.shard)
    named = list(zip(arrays["ego_id"].tolist(), arrays["demonstration"].tolist(), strict=True))
    refused = [(one.ego, one.demonstration) for one in row.rejected]
    assert sorted(named + refused) == [(ego, number) for ego in ("7", "9") for number in (0, 1, 2)]
    assert named == sorted(named)
    disturbed = arrays["demonstration"] > 0
    assert disturbed.any()
    for name in ("start", "noise"):
        assert not arrays[name][~disturbed].any()
    assert not arrays["start_offset"][~disturbed].any()
    same = [
        np.array_equal(arrays["actions"][begin:end], arrays["expert_actions"][begin:end])
        for begin, end in zip(arrays["episode_start"][:-1], arrays["episode_start"][1:], strict=True)
    ]
    np.testing.assert_array_equal(same, arrays["noise"] == 0)


def test_an_ego_that_is_not_kept_demonstrates_nothing(tmp_path: Path) -> None:
    wanted = ALL.model_copy(update={"demonstrations": DemonstrationSettings(number=3)})
    source, rows = planned(tmp_path, straight_record("bb", obstacle=True), settings=wanted)
    row = convert_unit(task(tmp_path / "out", source, rows, wanted))
    assert [(one.rule, one.demonstration) for one in row.rejected] == [("contact_on_log", 0)]
