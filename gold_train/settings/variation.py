"""How training's episodes differ from the records: nothing, by default."""

from __future__ import annotations

from pydantic import Field

from gold_data.settings import Settings


class VariationSettings(Settings):
    """Drawn for each episode of training by its number; evaluation is never varied."""

    share: float = Field(1.0, ge=0, le=1, description="of the episodes that are varied at all")
    traffic: float = Field(
        0.0, ge=0, le=5, description="s, largest shift of the clock of all others and the signals, either way"
    )
    pace: float = Field(
        0.0, ge=0, lt=1, description="largest share by which the time to arrive is longer or shorter than recorded"
    )
    start: float = Field(
        0.0,
        ge=0,
        description="how far off the recorded pose and speed an episode begins: of the bounds that demonstrations are "
        "drawn within, 1 as they",
    )
    inside: float = Field(0.0, ge=0, le=1, description="share of the varied episodes that begin inside the record")

    @property
    def asked(self) -> bool:
        """Whether anything is varied."""
        return self.share > 0 and any((self.traffic, self.pace, self.start, self.inside))
