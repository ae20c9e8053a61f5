from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import google_crc32c
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.errors import MachineError, OutputError, RecordError
from gold_data.womd.limits import MAX_RECORD_SIZE
from gold_data.womd.tfrecord import Damage, Frame, find_frame, masked, read_record, scan, write_records

RECORDS = (b"first record", b"", b"third" * 100, b"last")
STARTS = (0, 28, 44, 560)
"""Where each of them starts: 16 bytes of framing around each."""


@pytest.fixture
def file(tmp_path: Path) -> bytes:
    write_records(tmp_path / "x.tfrecord", RECORDS)
    return (tmp_path / "x.tfrecord").read_bytes()


def flipped(file: bytes, place: int) -> bytes:
    return file[:place] + bytes((file[place] ^ 0x10,)) + file[place + 1 :]


def test_the_crc_is_castagnoli_s_and_masked_as_tensorflow_does() -> None:
    # RFC 3720 B.4 has the CRC of 32 zeros. TensorBoard's event files, which TensorFlow writes, all start with this
    # header of a record of 24 bytes.
    assert google_crc32c.value(bytes(32)) == 0x8A9136AA
    length, crc = struct.unpack("<8sI", bytes.fromhex("1800000000000000a37f4b22"))
    assert masked(google_crc32c.value(length)) == crc


def test_good_records_are_framed_and_read_back(file: bytes) -> None:
    frames = list(scan(file))
    assert frames == [
        Frame(start, len(data), google_crc32c.value(data)) for start, data in zip(STARTS, RECORDS, strict=True)
    ]
    assert [frame.data(file) for frame in frames if isinstance(frame, Frame)] == list(RECORDS)
    assert [read_record(BytesIO(file), start, "x") for start in STARTS] == list(RECORDS)


def test_a_flipped_data_byte_costs_that_record_alone(file: bytes) -> None:
    found = list(scan(flipped(file, STARTS[2] + 20)))
    assert [type(item) for item in found] == [Frame, Frame, Damage, Frame]
    assert found[2] == Damage(44, 516, "its data do not match their CRC-32C")


@pytest.mark.parametrize("place", [STARTS[2] + 1, STARTS[2] + 9])
def test_a_flipped_header_is_searched_past(file: bytes, place: int) -> None:
    found = list(scan(flipped(file, place)))
    assert [type(item) for item in found] == [Frame, Frame, Damage, Frame]
    assert found[2] == Damage(44, 516, "its length does not match the length's CRC-32C")


@pytest.mark.parametrize("left", [1, 11, 12, 19])
def test_a_file_that_ends_early(file: bytes, left: int) -> None:
    found = list(scan(file[: STARTS[3] + left]))
    assert found[3] == Damage(560, left, "the file ends inside it")
    with pytest.raises(RecordError, match="x: record at byte 560: the file ends inside it"):
        read_record(BytesIO(file[: STARTS[3] + left]), 560, "x")


def test_bytes_lost_inside_a_record_do_not_cost_the_next_one(file: bytes) -> None:
    lost = file[: STARTS[2] + 100] + file[STARTS[2] + 107 :]
    assert [type(item) for item in scan(lost)] == [Frame, Frame, Damage, Frame]


def test_a_file_appended_to_one_that_was_cut(file: bytes) -> None:
    found = list(scan(file[:200] + file))
    assert [(type(item), item.offset) for item in found[2:4]] == [(Damage, 44), (Frame, 200)]
    assert len(found) == 7


@pytest.mark.parametrize("length", [MAX_RECORD_SIZE + 1, 2**40])
def test_a_length_beyond_the_limit_is_not_read(file: bytes, length: int) -> None:
    header = struct.pack("<Q", length)
    huge = header + struct.pack("<I", masked(google_crc32c.value(header)))
    found = list(scan(huge + b"x" * 50 + file))
    assert isinstance(found[0], Damage)
    assert (found[0].length, str(length) in found[0].reason) == (62, True)
    assert len(found) == 5
    with pytest.raises(RecordError, match=str(length)):
        read_record(BytesIO(huge), 0, "x")


@settings(max_examples=100, deadline=None)
@given(
    records=st.lists(st.binary(max_size=40), max_size=5),
    edits=st.lists(st.tuples(st.integers(0, 300), st.binary(max_size=3))),
)
def test_what_is_yielded_covers_the_file_and_whole_records_are_true(
    records: list[bytes], edits: list[tuple[int, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("tfrecord") / "x"
    write_records(path, records)
    file = path.read_bytes()
    for place, replacement in edits:
        file = file[:place] + replacement + file[place + 1 :]
    position = 0
    for item in scan(file):
        assert item.offset == position
        position = item.end if isinstance(item, Frame) else item.offset + item.length
        if isinstance(item, Frame):
            assert google_crc32c.value(item.data(file)) == item.crc
            assert read_record(BytesIO(file), item.offset, "x") == item.data(file)
    assert position == len(file)


def test_a_whole_record_is_found_across_the_blocks_of_the_search(file: bytes) -> None:
    junk = np.random.default_rng(0).integers(0, 256, 2**20 - 5, np.uint8).tobytes()
    assert find_frame(junk + file, 0) == len(junk)
    assert find_frame(junk, 0) == len(junk)
    assert find_frame(bytes(10_000) + file, 1) == 10_000


def test_errors_of_the_machine(tmp_path: Path, file: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_records(tmp_path / "no" / "x", [])
    monkeypatch.setattr(google_crc32c, "implementation", "python")
    for use in (lambda: list(scan(file)), lambda: read_record(BytesIO(file), 0, "x")):
        with pytest.raises(MachineError, match="google-crc32c"):
            use()
