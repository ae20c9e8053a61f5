"""How a training episode differs from its record, which it would otherwise repeat."""

from __future__ import annotations

from dataclasses import dataclass

from gold_data.replay.scene import StartOffset


@dataclass(frozen=True)
class Variation:
    """Plain data, drawn beforehand: the same variation of the same scene gives the same episode."""

    start: int = 0  # frame of the record at which it begins
    offset: StartOffset | None = None  # from the pose recorded there; None: on it
    traffic: int = 0  # frames by which all others and the signals are ahead of the record, or, below 0, behind
    pace: float = 1.0  # time to arrive, as a share of the one that the record leaves

    def frames(self, recorded: int) -> int:
        """What is the recorded length to this episode, from its start on, where the record has so many frames."""
        return 1 + round((recorded - 1 - self.start) * self.pace)

    @property
    def keeps_time(self) -> bool:
        """Whether the record's timing is still the one to drive by."""
        return self.traffic == 0 and self.pace == 1.0
