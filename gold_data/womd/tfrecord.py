"""TFRecord framing: which bytes of a file are records, and which are damaged.

A file is records end to end, each laid out as in TensorFlow's tensorflow/core/lib/io/record_writer.h:

    length  uint64  little endian
    uint32          masked CRC-32C of the eight bytes of length
    data            length bytes
    uint32          masked CRC-32C of the data
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from mmap import mmap
from pathlib import Path
from typing import BinaryIO

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from gold_data.errors import MachineError, OutputError, RecordError
from gold_data.womd.limits import MAX_RECORD_SIZE

HEADER_SIZE = 12
"""Bytes before a record's data: its length and that length's CRC."""
FOOTER_SIZE = 4
"""Bytes after a record's data: its CRC."""


_HEADER = struct.Struct("<QI")
_CRC = struct.Struct("<I")
_SEARCH_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole record: byte `offset` of its header, `length` of its data in bytes, unmasked CRC-32C of its data."""

    offset: int
    length: int
    crc: int

    @property
    def end(self) -> int:
        """Byte offset just behind the record, where the next one starts."""
        return self.offset + HEADER_SIZE + self.length + FOOTER_SIZE

    def data(self, file: bytes | mmap) -> bytes:
        """The record's data, out of the bytes of the file that was scanned."""
        return file[self.offset + HEADER_SIZE : self.offset + HEADER_SIZE + self.length]


@dataclass(frozen=True, slots=True)
class Damage:
    """`length` bytes of a file from `offset` on that hold no whole record, framing included, and why."""

    offset: int
    length: int
    reason: str


def scan(file: bytes | mmap) -> Iterator[Frame | Damage]:
    """Walk over a whole file's bytes; what is yielded covers all of them, end to end, in order.

    Both CRCs of every record are checked, the length's before the length is believed. A record with wrong data is
    one Damage. Where the framing is lost, one Damage reaches to the next whole record, or to the end of the file.
    Raises MachineError where google-crc32c has no compiled code.
    """
    _require_compiled_crc()
    position = 0
    while position < len(file):
        frame = _frame_at(file, position)
        if isinstance(frame, Frame):
            yield frame
            position = frame.end
        else:
            end = _end_of_damage(file, position)
            yield Damage(position, end - position, reason=frame)
            position = end


def read_record(file: BinaryIO, offset: int, source: str) -> bytes:
    """The data of the one record whose header stands at byte `offset` of `file`; `source` names it in errors.

    Raises RecordError where it is damaged, MachineError where google-crc32c has no compiled code.
    """
    _require_compiled_crc()
    file.seek(offset)
    length = _length_in(file.read(HEADER_SIZE))
    if isinstance(length, str):
        raise RecordError(source, offset, length)
    data, footer = file.read(length), file.read(FOOTER_SIZE)
    if len(footer) < FOOTER_SIZE:
        raise RecordError(source, offset, _ENDS_EARLY)
    if _CRC.unpack(footer)[0] != masked(google_crc32c.value(data)):
        raise RecordError(source, offset, _WRONG_DATA)
    return data


def is_header(octets: bytes) -> bool:
    """Whether a TFRecord file can start so: with a length and its right CRC."""
    return len(octets) >= HEADER_SIZE and _HEADER.unpack_from(octets)[1] == masked(google_crc32c.value(octets[:8]))


def write_records(path: str | Path, records: Iterable[bytes]) -> None:
    """Write the data of records as a new TFRecord file; raises OutputError where it cannot be written."""
    _require_compiled_crc()
    try:
        with open(path, "wb") as file:
            for data in records:
                length = struct.pack("<Q", len(data))
                file.write(length + _CRC.pack(masked(google_crc32c.value(length))))
                file.write(data)
                file.write(_CRC.pack(masked(google_crc32c.value(data))))
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); choose another place") from error


def masked(crc: int) -> int:
    """A CRC-32C as TFRecord stores it (tensorflow/core/lib/hash/crc32c.h)."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


_WRONG_LENGTH = "its length does not match the length's CRC-32C"
_WRONG_DATA = "its data do not match their CRC-32C"
_ENDS_EARLY = "the file ends inside it"


def _length_in(header: bytes) -> int | str:
    """The length of a record's data, or what is wrong with its header."""
    if len(header) < HEADER_SIZE:
        return _ENDS_EARLY
    if not is_header(header):
        return _WRONG_LENGTH
    length, _ = _HEADER.unpack(header)
    if length > MAX_RECORD_SIZE:
        return f"it has {length} bytes, more than the {MAX_RECORD_SIZE} that are read"
    return int(length)


def _frame_at(file: bytes | mmap, position: int) -> Frame | str:
    length = _length_in(file[position : position + HEADER_SIZE])
    if isinstance(length, str):
        return length
    end = position + HEADER_SIZE + length
    footer = file[end : end + FOOTER_SIZE]
    if len(footer) < FOOTER_SIZE:
        return _ENDS_EARLY
    crc = google_crc32c.value(file[end - length : end])
    if _CRC.unpack(footer)[0] != masked(crc):
        return _WRONG_DATA
    return Frame(position, length, crc)


def _end_of_damage(file: bytes | mmap, position: int) -> int:
    """Where to read on behind the damaged record at `position`."""
    header = file[position : position + HEADER_SIZE]
    if is_header(header):
        end = position + HEADER_SIZE + _HEADER.unpack(header)[0] + FOOTER_SIZE
        if end == len(file) or isinstance(_length_in(file[end : end + HEADER_SIZE]), int):
            return int(end)
    return find_frame(file, position + 1)


def find_frame(file: bytes | mmap, start: int) -> int:
    """Byte offset of the first whole record at or behind `start`, or the file's size if there is none."""
    for block in range(start, len(file), _SEARCH_BLOCK):
        for position in _plausible_headers(file[block : block + _SEARCH_BLOCK + HEADER_SIZE - 1]):
            if isinstance(_frame_at(file, block + int(position)), Frame):
                return block + int(position)
    return len(file)


def _plausible_headers(data: bytes) -> NDArray[np.intp]:
    """Offsets of the twelve bytes that could be a header: a length below 4 GiB with its right CRC.

    A CRC is an affine function of the bits, so that of eight bytes of which the last four are zero is the XOR of one
    table entry for each of the first four.
    """
    if len(data) < HEADER_SIZE:
        return np.empty(0, np.intp)
    octets = np.frombuffer(data, np.uint8)
    zero = octets == 0
    starts = np.flatnonzero(zero[4:-7] & zero[5:-6] & zero[6:-5] & zero[7:-4])
    crc = np.zeros(len(starts), np.uint32)
    stored = np.zeros(len(starts), np.uint32)
    for byte, table in enumerate(_crc_tables()):
        crc ^= table[octets[starts + byte]]
        stored |= octets[starts + 8 + byte].astype(np.uint32) << np.uint32(8 * byte)
    crc = (crc >> np.uint32(15) | crc << np.uint32(17)) + np.uint32(0xA282EAD8)
    plausible: NDArray[np.intp] = starts[crc == stored]
    return plausible


@cache
def _crc_tables() -> tuple[NDArray[np.uint32], ...]:
    zero = google_crc32c.value(bytes(8))
    return tuple(
        np.array(
            [google_crc32c.value(struct.pack("<Q", value << 8 * byte)) ^ (zero if byte else 0) for value in range(256)],
            np.uint32,
        )
        for byte in range(4)
    )


def _require_compiled_crc() -> None:
    if google_crc32c.implementation != "c":
        raise MachineError(
            "google-crc32c was installed without its compiled code, which is a thousand times faster; "
            "install a wheel of it for this machine (pip install --force-reinstall --only-binary :all: google-crc32c)"
        )
