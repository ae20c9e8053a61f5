"""WOMD TFRecords: bytes -> Scenario message."""

from gold_data.womd.limits import MalformedRecord
from gold_data.womd.messages import Scenario
from gold_data.womd.scenario import decode
from gold_data.womd.tfrecord import Damage, Frame, read_record, scan, write_records

__all__ = [
    "Damage",
    "Frame",
    "MalformedRecord",
    "Scenario",
    "decode",
    "read_record",
    "scan",
    "write_records",
]
