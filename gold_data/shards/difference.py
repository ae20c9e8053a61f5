"""What one check found: something that is stored, and is not what the rest of the dataset says it should be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """At `place` (a file, and what in it), `stored` stands where `due` should; both as text."""

    place: str
    stored: str
    due: str
