from __future__ import annotations

import json

import pytest

from gold_data.sources import Source
from gold_data.sources.search import FoundScenario
from gold_data.views.places import nowhere, place_json, place_line

SOURCE = Source("womd/a.tfrecord", "/data/womd/a.tfrecord", 0, 10_000, "womd")
WHOLE = FoundScenario(SOURCE, 3, 4096, 1234, 77)
DAMAGED = FoundScenario(SOURCE, 3, 4096, 1234, None, "its data do not match their CRC-32C")


def test_a_line() -> None:
    said = "/data/womd/a.tfrecord: byte 4,096, record 3 (from 0), 1,234 bytes of data, "
    assert place_line(WHOLE) == said + "CRC ok"
    assert place_line(DAMAGED) == said + "DAMAGED: its data do not match their CRC-32C"


def test_the_same_for_scripts() -> None:
    place = {"file": "/data/womd/a.tfrecord", "kind": "womd", "offset": 4096, "record": 3, "length": 1234}
    assert json.loads(place_json(WHOLE)) == {**place, "crc": 77, "crc_ok": True, "damage": None}
    assert json.loads(place_json(DAMAGED)) == {**place, "crc": None, "crc_ok": False, "damage": DAMAGED.damage}


@pytest.mark.parametrize(
    ("near", "advice"),
    [
        ([], "check the id, or name other SOURCES."),
        (["ffffffff"], "check the id, or name other SOURCES."),
        (["0123abc0", "ffffffff"], "did you mean 0123abc0?"),
        (["0123abc0", "0123abc1", "0123abc0"], "did you mean 0123abc1 or 0123abc0?"),
    ],
)
def test_nowhere_is_one_sentence(near: list[str], advice: str) -> None:
    assert nowhere("0123abc9", 1200, near) == f"0123abc9: none of 1,200 files holds it; {advice}"
