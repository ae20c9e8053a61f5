"""Which checkpoint drove best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Best:
    """The checkpoint that drove the validation scenes best so far."""

    step: int
    score: tuple[float, ...]

    def as_plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"step": self.step, "score": list(self.score)}

    @classmethod
    def of(cls, plain: Mapping[str, Any] | None) -> Self | None:
        """What `as_plain` gave, or None."""
        return None if plain is None else cls(int(plain["step"]), tuple(map(float, plain["score"])))
