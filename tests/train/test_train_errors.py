"""Errors of training are answered by the command, each by its exit code."""

from __future__ import annotations

from gold_data.errors import GoldDataError
from gold_train import errors
from gold_train.errors import StoppedError


def test_every_error_is_one_that_a_command_answers() -> None:
    kinds = [value for value in vars(errors).values() if isinstance(value, type) and value is not GoldDataError]
    assert len(kinds) == 3
    assert all(issubclass(kind, GoldDataError) for kind in kinds)
    assert all(f"{kind.__name__} " in str(errors.__doc__) for kind in kinds)


def test_stopping_is_no_wrong_use() -> None:
    assert StoppedError("stopped").exit_code == 1
    assert StoppedError("interrupted", 130).exit_code == 130
    assert errors.CheckpointError("cut").exit_code == errors.TrainingError("nan").exit_code == 2
