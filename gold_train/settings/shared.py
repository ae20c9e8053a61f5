"""What every run's settings share: how values are written on the command line, what is read of a dataset."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from gold_data.settings import Settings


def _list(value: object) -> object:
    """Several values written as one text, as the command line gives them."""
    return tuple(value.split(",")) if isinstance(value, str) else value


def _none(value: object) -> object:
    """`none`, as the command line gives it."""
    return None if value == "none" else value


Names = Annotated[tuple[str, ...], BeforeValidator(_list)]
Widths = Annotated[tuple[Annotated[int, Field(ge=1)], ...], BeforeValidator(_list)]
Absent = BeforeValidator(_none)


class StudentSettings(Settings):
    """The light policy, which is also what behaviour cloning trains."""

    hidden: Widths = Field((256, 256), description="widths of the hidden layers")


class DataSettings(Settings):
    """What is read of a dataset, and how it is scaled."""

    blocks: Names = Field((), description="observation blocks that the policy reads, in order; none: all")
    min_std: float = Field(1e-2, gt=0, description="floor of a feature's standard deviation")
    clip: float = Field(10.0, gt=0, description="normalised features are clipped to this, either way")
