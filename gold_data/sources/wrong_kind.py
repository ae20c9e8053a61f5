"""What a file is, told from its first bytes: a TFRecord of WOMD scenarios, a ScenarioNet pickle, or neither."""

from __future__ import annotations

import re
import shlex
from io import BytesIO
from typing import BinaryIO

from gold_data.errors import SourceError
from gold_data.sources.source import Kind
from gold_data.womd.tfrecord import HEADER_SIZE, find_frame, is_header, read_record
from gold_data.womd.wire import FIXED64, LENGTH, VARINT, tag_of, top_level_tags

_HEAD = 2**16
"""Bytes that a file is told by, where they tell."""
_SEARCHED = 2**24
"""Bytes in which a whole record is looked for behind a damaged start."""

_SCENARIO_TAGS = {
    tag_of(1, FIXED64),
    tag_of(4, VARINT),
    tag_of(6, VARINT),
    tag_of(10, VARINT),
    *(tag_of(number, LENGTH) for number in (1, 2, 4, 5, 7, 8, 11)),
}
_SCENARIO_CONTENTS = {tag_of(number, LENGTH) for number in (2, 5, 7, 8)}
_LAST_SCENARIO_TAG = tag_of(11, LENGTH)

_PICKLE = re.compile(rb"\x80[\x02-\x05]")
"""How a pickle starts that says which protocol it has."""
_KEYS = ("tracks", "map_features", "dynamic_map_states", "metadrive_processed")
_DESCRIPTION = re.compile(b"|".join(b"%c(?:\0{3})?%s" % (len(key), key.encode()) for key in _KEYS))
"""A key of a description as a pickle has it, behind its length."""

_WOMD = "WOMD's scenario files are named like training.tfrecord-00000-of-01000"

_MAGIC = (
    (b"version https://git-lfs", "a git LFS pointer, not the data that it points to; fetch these with: git lfs pull"),
    (b"PK\x03\x04", "a zip archive (or numpy's npz); unpack it and give the TFRecord files in it"),
    (b"PK\x05\x06", "an empty zip archive; download it again"),
    (b"BZh", "compressed with bzip2; unpack it with: bunzip2"),
    (b"\xfd7zXZ\x00", "compressed with xz; unpack it with: unxz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it with: unzstd"),
    (b"PAR1", "a Parquet file, the form of Waymo's perception dataset; give the motion dataset's scenario files"),
    (b"\x89HDF", "an HDF5 file; give WOMD's own scenario files"),
)


def kind_of(file: BinaryIO, shown: str) -> Kind:
    """Tell a TFRecord of Scenario messages, be it damaged, from a ScenarioNet pickle; raise SourceError for all else.

    The error names the file as `shown` and says what it is and what to do. A file is taken for damaged, not for another
    kind, where its framing can be made out and no whole record says otherwise. Nothing is unpickled.
    """
    head = file.read(_HEAD)
    if not head:
        raise SourceError(f"{shown} is empty (0 bytes); download it again")
    if _PICKLE.match(head):
        if _DESCRIPTION.search(head):
            return "scenarionet"
        raise SourceError(
            f"{shown} is a Python pickle without a ScenarioNet description; give WOMD's scenario files or a database"
        )
    framed = is_header(head)
    if framed and _is_scenario(head[HEADER_SIZE:]):
        return "womd"
    if not framed and (kind := other_format(head, shown)):
        raise SourceError(f"{shown} is {kind}")
    record = _first_whole_record(file)
    if record is None and not framed:
        raise SourceError(f"{shown} holds no TFRecord records; {_WOMD}; download it again, or leave it out")
    message = head[HEADER_SIZE:] if record is None else record
    kind = _other_message(message)
    if kind is None and record and not _is_scenario(record):
        kind = f"holds records of another kind than Scenario messages; {_WOMD}"
    if kind:
        raise SourceError(f"{shown} is a TFRecord file, but {kind}")
    return "womd"


def _is_scenario(message: bytes) -> bool:
    """Whether the first bytes of a message hold a Scenario's fields, and none that it cannot have."""
    tags = top_level_tags(message)
    return bool(tags & _SCENARIO_CONTENTS) and all(tag in _SCENARIO_TAGS or tag > _LAST_SCENARIO_TAG for tag in tags)


def _other_message(message: bytes) -> str | None:
    if b"brain.Event:" in message[:64]:
        return "holds TensorBoard events; leave it out"
    if message[:1] == b"\n" and (b"roadgraph_samples/" in message or b"state/current/" in message):
        return "holds motion tf.Examples; download the `scenario` folder of WOMD instead of `tf_example`"
    if top_level_tags(message) == {tag_of(1, LENGTH)}:
        return "holds tf.Examples; give WOMD's scenario files"
    return None


def other_format(head: bytes, shown: str) -> str | None:
    """What a file without a TFRecord's first header is and what to do, as far as its first bytes say."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"\x1f\x8b"):
        quoted = shlex.quote(shown)
        command = f"gunzip {quoted}" if shown.endswith(".gz") else f"gunzip < {quoted} > {quoted}.unpacked"
        return f"compressed with gzip, which has no way to a single record; unpack it with: {command}"
    if head[257:262] == b"ustar":
        return "a tar archive; unpack it (tar -xf) and give the TFRecord files in it"
    return _text_format(head.lstrip(b"\xef\xbb\xbf \t\r\n"))


def _text_format(head: bytes) -> str | None:
    start = head[:1024].lower()
    if start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<") and b"<html" in start):
        return "a web page (HTML), as one gets when not logged in; log in and download the file again"
    if start.startswith(b"<?xml"):
        return "a server's answer (XML), not the file; log in and download it again"
    if start.startswith((b"{", b"[")) and b"\0" not in head:
        if b'"objects"' in head and b'"name"' in head:
            return "a gpudrive scenario (JSON), made from WOMD; give WOMD's own scenario files"
        return "a JSON file; give WOMD's own scenario files"
    return None


def _first_whole_record(file: BinaryIO) -> bytes | None:
    file.seek(0)
    sample = file.read(_SEARCHED)
    offset = find_frame(sample, 0)
    return read_record(BytesIO(sample), offset, "") if offset < len(sample) else None
