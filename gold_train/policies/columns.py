"""Which columns of an observation a policy reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gold_data.errors import DatasetError, SettingsError
from gold_data.shards import ObservationBlock


def chosen_blocks(names: Sequence[str], available: Sequence[ObservationBlock]) -> tuple[ObservationBlock, ...]:
    """The blocks of these names, in this order; all of them where no name is given.

    Raises SettingsError for a name that there is not, or that is given twice.
    """
    by_name = {block.name: block for block in available}
    for name in names:
        if name not in by_name:
            raise SettingsError(f"there is no observation block {name!r}; choose among {', '.join(by_name)}.")
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SettingsError(f"observation block {min(twice)!r} is named twice; name each block once.")
    return tuple(by_name[name] for name in names) if names else tuple(available)


def columns_of(wanted: Sequence[ObservationBlock], available: Sequence[ObservationBlock]) -> NDArray[np.int64]:
    """(D,) columns of an observation made of `available` that hold the `wanted` blocks, one after the other.

    Raises DatasetError where a block is lacking, or is not what it was: its digest is another.
    """
    by_name = {block.name: block for block in available}
    for block in wanted:
        if block.name not in by_name:
            raise DatasetError(
                f"the policy reads observation block {block.name!r}, and there are only {', '.join(by_name)}; "
                "make the observations with it, or train a policy that does without."
            )
        found = by_name[block.name]
        if found.digest != block.digest:
            raise DatasetError(
                f"observation block {block.name!r} is not the one that the policy was trained on: "
                f"{block.digest[:12]} -> {found.digest[:12]}; use data of the same definition."
            )
    places = [by_name[block.name] for block in wanted]
    return np.concatenate([np.arange(block.start, block.stop) for block in places], dtype=np.int64)
