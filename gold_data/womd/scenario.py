"""Scenario message -> plain arrays."""

from __future__ import annotations

from gold_data.womd.messages import Scenario
from gold_data.womd.reference import decode_with_protobuf


def decode(data: bytes) -> Scenario:
    """The Scenario of a record's data; raises ValueError where the bytes are no Scenario message."""
    return decode_with_protobuf(data)
