"""When two decoded Scenarios are the same: every number bit for bit."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


def equal(a: Any, b: Any) -> bool:
    """Whether two Scenarios, or parts of them, have the same kinds, shapes, types of number and bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and _bits(a) == _bits(b)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float):
        return np.float64(a).tobytes() == np.float64(b).tobytes()
    if is_dataclass(a):
        return all(equal(getattr(a, field.name), getattr(b, field.name)) for field in fields(a))
    return bool(a == b)


def _bits(array: NDArray[Any]) -> list[bytes]:
    if array.dtype.names is None:
        return [array.tobytes()]
    return [_quiet(array[name]).tobytes() for name in array.dtype.names]


def _quiet(column: NDArray[Any]) -> NDArray[Any]:
    """Set the bit that tells quiet from signalling NaNs in float32: Python's floats, and so the reference, set it."""
    if column.dtype != np.float32:
        return column
    bits = column.view(np.uint32) if column.flags.c_contiguous else np.ascontiguousarray(column).view(np.uint32)
    return np.where(np.isnan(column), bits | np.uint32(0x00400000), bits)
