"""How large a record may be: more is taken for damage, and refused before memory is asked for.

The largest WOMD records have some megabytes, a few hundred tracks of 199 states, and polylines of some thousand points.
"""

from __future__ import annotations

MAX_RECORD_SIZE = 256 * 2**20
"""Bytes of a record's data."""
MAX_TRACKS = 10_000
"""Tracks in a record."""
MAX_STEPS = 10_000
"""States in a track, and dynamic map states in a record."""
MAX_POINTS = 200_000
"""Points in a polyline or polygon."""
MAX_ENTRIES = 1_000_000
"""Entries of any other repeated field, and fields of one message."""
MAX_ROWS = 10_000_000
"""Points, states or signals of a whole record."""
MAX_NESTING = 100
"""Groups and messages within each other: protobuf's own limit."""


class MalformedRecord(ValueError):  # noqa: N818 - it says what the record is, to the one who turns it into a RecordError
    """A record's data are no Scenario message, or one beyond bounds; `str()` is the reason."""


def check_count(count: int, limit: int, what: str) -> None:
    """Raise MalformedRecord if there are more than `limit` of `what`."""
    if count > limit:
        raise MalformedRecord(f"it has more than {limit} {what}")
