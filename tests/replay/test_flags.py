"""The bits that shards store: they may be added to, never moved."""

from __future__ import annotations

from gold_data.replay.flags import Flag


def test_the_bits_are_those_that_shards_hold() -> None:
    assert {flag.name: flag.value for flag in Flag} == {
        "CONTACT_VEHICLE": 1,
        "CONTACT_OBJECT": 2,
        "CONTACT_HUMAN": 4,
        "SOLID_LINE": 8,
        "OUT_OF_ROAD": 16,
        "OTHER_PARKED": 32,
        "AT_FAULT": 64,
    }


def test_a_contact_is_one_with_a_body() -> None:
    assert set(Flag.contact()) == {Flag.CONTACT_VEHICLE, Flag.CONTACT_OBJECT, Flag.CONTACT_HUMAN}
