"""Where a scenario is, in words and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches

from gold_data.sources.search import FoundScenario


def place_line(place: FoundScenario) -> str:
    """One line: file, byte, place among the file's records, size, and whether its CRCs are right."""
    whole = "CRC ok" if place.damage is None else f"DAMAGED: {place.damage}"
    return (
        f"{place.source.location}: byte {place.offset:,}, record {place.record} (from 0), "
        f"{place.length:,} bytes of data, {whole}"
    )


def place_json(place: FoundScenario) -> str:
    """The same as one JSON object; `crc` is the CRC-32C of the data, null where these are damaged."""
    return json.dumps(
        {
            "file": place.source.location,
            "kind": place.source.kind,
            "offset": place.offset,
            "record": place.record,
            "length": place.length,
            "crc": place.crc,
            "crc_ok": place.damage is None,
            "damage": place.damage,
        }
    )


def nowhere(scenario_id: str, files: int, near: Sequence[str]) -> str:
    """One sentence for a scenario that no file holds; `near` are ids that were met and look like it."""
    like = get_close_matches(scenario_id, sorted(set(near)), 3, 0.8)
    advice = f"did you mean {' or '.join(like)}?" if like else "check the id, or name other SOURCES."
    return f"{scenario_id}: none of {files:,} files holds it; {advice}"
