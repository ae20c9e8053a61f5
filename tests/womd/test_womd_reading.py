from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from womd_equality import equal
from womd_wire_examples import delimited, scenario_bytes

from gold_data.womd import limits
from gold_data.womd.limits import MalformedRecord
from gold_data.womd.messages import Scenario
from gold_data.womd.protobuf import ScenarioMessage
from gold_data.womd.reading import read_tables
from gold_data.womd.reference import decode_with_protobuf
from gold_data.womd.scenario import decode
from gold_data.womd.tables import DTYPES


def decoded(data: bytes) -> Scenario | None:
    try:
        return decode(data)
    except MalformedRecord:
        return None


def by_protobuf(data: bytes) -> Scenario | None:
    try:
        return decode_with_protobuf(data)
    except MalformedRecord:
        return None


def test_tables_have_the_columns_that_are_told_of_them() -> None:
    tables = read_tables(b"")
    for name, dtype in DTYPES.items():
        table = getattr(tables, name)
        assert (table.dtype, len(table)) == (dtype, name == "scenario")
        assert table.flags.writeable


def test_spans_lead_to_the_rows_of_other_tables() -> None:
    message = ScenarioMessage(scenario_id="a")
    for lane in range(2):
        neighbors = message.map_features.add(id=lane).lane.left_neighbors
        for _ in range(lane + 1):
            neighbors.add(feature_id=10 * lane).boundaries.add(boundary_feature_id=lane + 5)
    tables = read_tables(message.SerializeToString())
    assert tables.lanes["left_neighbors"].tolist() == [(0, 1), (1, 3)]
    assert tables.left_neighbors["boundaries"].tolist() == [(0, 1), (1, 2), (2, 3)]
    assert tables.neighbor_boundaries["boundary_feature_id"].tolist() == [5, 6, 6]
    assert tables.map_features.tolist() == [(0, 3, 0), (1, 3, 1)]


def test_more_of_the_same_kind_of_feature_adds_to_it_and_another_kind_replaces_it() -> None:
    point = delimited(8, b"\x09" + bytes(8))
    lane, edge = delimited(3, point + b"\x10\x02"), delimited(5, delimited(2, b""))
    for parts, rows, points in (([lane, lane], 1, 2), ([lane, edge, lane], 2, 1), ([edge, lane], 1, 1)):
        data = delimited(8, b"".join(parts))
        tables = read_tables(data)
        assert len(tables.lanes) == rows
        (first, behind) = tables.lanes["polyline"][tables.map_features["row"][0]]
        assert behind - first == points
        assert equal(decode(data), decode_with_protobuf(data))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**63))
def test_a_message_cut_anywhere_is_read_or_refused_as_protobuf_does(seed: int) -> None:
    data = scenario_bytes(Random(seed))[:2000]
    for end in Random(seed).sample(range(len(data) + 1), min(60, len(data) + 1)):
        assert equal(decoded(data[:end]), by_protobuf(data[:end]))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_no_message_at_all_is_read_or_refused_as_protobuf_does(data: bytes) -> None:
    assert equal(decoded(data), by_protobuf(data))
    within = delimited(8, delimited(3, data)) + delimited(2, delimited(3, data)) + delimited(7, delimited(1, data))
    assert equal(decoded(within), by_protobuf(within))


def test_a_field_with_the_number_0_is_read_over_in_a_group_alone() -> None:
    for data in (b"\x4b\x00\x01\x4c", b"\x4b\x03\x04\x4c", b"\x00\x01", b"\x03\x04", b"\x4b\x4c\x00\x01"):
        assert equal(decoded(data), by_protobuf(data))
    assert decoded(b"\x4b\x00\x01\x4c") is not None
    assert decoded(b"\x00\x01") is None


def test_rows_are_counted_before_memory_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    data = delimited(2, delimited(3, b"") * 9000) * 3
    assert sum(len(track.states) for track in decode(data).tracks) == 27000
    monkeypatch.setattr("gold_data.womd.reading.MAX_ROWS", 20000)
    monkeypatch.setattr("gold_data.womd.reading.np.zeros", lambda *_: pytest.fail("memory was asked for"))
    with pytest.raises(MalformedRecord, match="more than 20000 points, states or signals"):
        read_tables(data)


def test_a_record_beyond_all_bounds_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gold_data.womd.reading.MAX_RECORD_SIZE", 10)
    with pytest.raises(MalformedRecord, match="more than 10 bytes"):
        read_tables(bytes(11))
    assert limits.MAX_RECORD_SIZE > 2**20


WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
from gold_data.womd import decode
print(decode(b"\\x2a\\x01a").scenario_id, "gold_data.womd.walk" in sys.modules)
"""

READING_NOTHING = """
import sys
import gold_data, gold_data.cli, gold_data.womd, gold_data.sources
print("numba" in sys.modules)
"""


@pytest.mark.parametrize(("code", "says"), [(WITHOUT_NUMBA, "a False"), (READING_NOTHING, "False")])
def test_numba_is_neither_needed_nor_loaded_before_records_are_read(code: str, says: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == says
