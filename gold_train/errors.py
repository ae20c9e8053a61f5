"""What can go wrong in training that a user can mend; each is one sentence with place, cause and remedy.

GoldDataError            exit code 2 (gold_data.errors); settings, datasets and folders raise gold_data's own
├── CheckpointError      a checkpoint that is damaged, foreign, or of another dataset
├── TrainingError        a training that went wrong: a loss that is no number
└── StoppedError         a training that was asked to stop, and has saved itself (exit code 1; 130 by Ctrl-C)
"""

from __future__ import annotations

from gold_data.errors import GoldDataError


class CheckpointError(GoldDataError):
    """A checkpoint that is damaged, foreign, or of another dataset than the one given."""


class TrainingError(GoldDataError):
    """A training that cannot go on; names the step and the rows of its batch."""


class StoppedError(GoldDataError):
    """A training that was asked to stop: it is saved, and says how it goes on."""

    exit_code = 1

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
