from __future__ import annotations

from pathlib import Path

import google_crc32c
import pytest
from straight_road import straight_record, write_source

from gold_data.errors import OutputError, RecordError, SourceError
from gold_data.scenarionet import describe, write_unit
from gold_data.sources import Source, find_sources
from gold_data.sources.search import FoundScenario, Searched, cut_out, search
from gold_data.womd import Damage, decode, scan

RECORDS = [straight_record(f"0123abc{number}") for number in range(3)]


def _source(path: Path) -> Source:
    (source,) = find_sources([str(path)])
    return source


@pytest.fixture
def file(tmp_path: Path) -> Source:
    return _source(write_source(tmp_path / "src" / "a.tfrecord", RECORDS))


@pytest.mark.parametrize("number", range(3))
def test_where_it_is(file: Source, number: int) -> None:
    offset = sum(len(record) + 16 for record in RECORDS[:number])
    crc = google_crc32c.value(RECORDS[number])
    place = FoundScenario(file, number, offset, len(RECORDS[number]), crc)
    assert search(file, f"0123abc{number}") == Searched((place,), (), ())


def test_every_copy_is_found(tmp_path: Path) -> None:
    source = _source(write_source(tmp_path / "src" / "a.tfrecord", [RECORDS[0], RECORDS[1], RECORDS[0]]))
    assert [place.record for place in search(source, "0123abc0").found] == [0, 2]


def test_near_ids_are_those_that_look_like_it(file: Source) -> None:
    assert set(search(file, "0123abc9").near) == {"0123abc0", "0123abc1", "0123abc2"}
    assert search(file, "ffffffffffffffff") == Searched((), (), ())


def test_few_near_ids_are_kept(tmp_path: Path) -> None:
    names = [f"0123abc{number:x}" for number in range(12)]
    source = _source(write_source(tmp_path / "src" / "a.tfrecord", [straight_record(name, steps=2) for name in names]))
    near = search(source, "0123abcf").near
    assert len(near) == 3
    assert set(near) <= set(names)


def test_a_damaged_record_is_found_and_called_damaged(tmp_path: Path) -> None:
    source = _source(write_source(tmp_path / "src" / "a.tfrecord", RECORDS, damaged=[1]))
    searched = search(source, "0123abc1")
    reason = "its data do not match their CRC-32C"
    offset = len(RECORDS[0]) + 16
    assert searched.found == (FoundScenario(source, 1, offset, len(RECORDS[1]), None, reason),)
    assert searched.damaged == (Damage(offset, len(RECORDS[1]) + 16, reason),)


def test_what_cannot_be_told_is_damage(tmp_path: Path) -> None:
    path = write_source(tmp_path / "src" / "a.tfrecord", RECORDS)
    path.write_bytes(path.read_bytes()[:-50])
    searched = search(_source(path), "0123abc2")
    assert searched.found == ()
    assert [damage.reason for damage in searched.damaged] == ["the file ends inside it"]


def test_cutting_out(file: Source, tmp_path: Path) -> None:
    found = search(file, "0123abc1").found
    to = tmp_path / "one.tfrecord"
    assert cut_out(found, to) == found[0]
    (frame,) = scan(to.read_bytes())
    assert not isinstance(frame, Damage)
    assert frame.data(to.read_bytes()) == RECORDS[1]
    with pytest.raises(OutputError, match="is there already and is never overwritten"):
        cut_out(found, to)


def test_a_whole_copy_is_cut_out_rather_than_a_damaged_one(tmp_path: Path) -> None:
    source = _source(write_source(tmp_path / "src" / "a.tfrecord", [RECORDS[0], RECORDS[0]], damaged=[0]))
    found = search(source, "0123abc0").found
    assert [place.damage is None for place in found] == [False, True]
    assert cut_out(found, tmp_path / "one.tfrecord").record == 1
    with pytest.raises(SourceError, match="no whole record of a TFRecord"):
        cut_out(found[:1], tmp_path / "other.tfrecord")
    assert not (tmp_path / "other.tfrecord").exists()


def test_a_file_that_was_changed_is_not_cut_up(file: Source, tmp_path: Path) -> None:
    found = search(file, "0123abc0").found
    write_source(Path(file.location), [straight_record("another")])
    with pytest.raises(RecordError, match="changed"):
        cut_out(found, tmp_path / "one.tfrecord")
    assert not (tmp_path / "one.tfrecord").exists()


def test_a_scenarionet_pickle(tmp_path: Path) -> None:
    write_unit(tmp_path / "database", [describe(decode(record), "a.tfrecord") for record in RECORDS[:2]])
    sources = find_sources([str(tmp_path / "database")])
    found = [place for source in sources for place in search(source, "0123abc1").found]
    assert [(place.record, place.offset, place.length) for place in found] == [(0, 0, found[0].source.size)]
    looked_at = [search(source, "0123abc9") for source in sources]
    assert [one.near for one in looked_at] == [("0123abc0",), ("0123abc1",)]
    assert found[0].crc == google_crc32c.value(Path(found[0].source.location).read_bytes())
    with pytest.raises(SourceError, match="a ScenarioNet pickle is a file of its own, copy it"):
        cut_out(found, tmp_path / "one.tfrecord")


def test_a_pickle_that_only_names_it_does_not_hold_it(tmp_path: Path) -> None:
    write_unit(tmp_path / "database", [describe(decode(RECORDS[0]), "0123abc1.tfrecord")])
    (tmp_path / "database" / "sd_waymo_v1.2_0123abc0.pkl").rename(tmp_path / "database" / "0123abc2.pkl")
    for path in tmp_path.glob("database/dataset_*"):
        path.unlink()
    source = _source(tmp_path / "database")
    assert search(source, "0123abc1").found == ()
    assert search(source, "0123abc2").found == ()
    assert len(search(source, "0123abc0").found) == 1
