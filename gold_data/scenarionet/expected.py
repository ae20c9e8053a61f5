"""What a stored description must hold: each function returns a value as it is, or says what it is instead."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gold_data.scenarionet.description import DescriptionError

Kind = TypeVar("Kind")


def entry(holder: dict[str, Any], key: str, kind: type[Kind], where: str) -> Kind:
    """`holder[key]`, which must be there and of this very type (True is no int)."""
    if key not in holder:
        raise DescriptionError(f"{where} has no {key!r}")
    return of_type(holder[key], kind, f"{key!r} of {where}")


def of_type(value: Any, kind: type[Kind], what: str) -> Kind:
    """A value of this very type."""
    if type(value) is not kind:
        raise DescriptionError(f"{what} is {_shown(value)}, not of type {kind.__name__}")
    return value


def texts(holder: dict[str, Any], keys: tuple[str, ...], where: str) -> dict[str, str]:
    """The texts `holder[key]`, by key."""
    found: dict[str, Any] = {key: holder.get(key) for key in keys}
    if {*map(type, found.values())} != {str}:
        return {key: entry(holder, key, str, where) for key in keys}
    return found


def mapping(value: Any, what: str) -> dict[str, dict[str, Any]]:
    """A dict of dicts by text."""
    for key, item in of_type(value, dict, what).items():
        of_type(key, str, f"a key of {what}")
        of_type(item, dict, f"{key!r} of {what}")
    found: dict[str, dict[str, Any]] = value
    return found


def list_of(value: Any, kind: type[Kind], what: str) -> list[Kind]:
    """A list whose items are all of this very type; the list is a new one."""
    return [of_type(item, kind, f"an item of {what}") for item in of_type(value, list, what)]


def array(holder: dict[str, Any], key: str, dtype: type[np.generic], shape: tuple[int | None, ...], where: str) -> Any:
    """The array `holder[key]` of this type and shape (None: of any length)."""
    found = entry(holder, key, np.ndarray, where)
    fits = found.ndim == len(shape) and all(want in (None, have) for want, have in zip(shape, found.shape, strict=True))
    if found.dtype != dtype or not fits:
        wanted = ", ".join("N" if want is None else str(want) for want in shape)
        raise DescriptionError(
            f"{key!r} of {where} is {_shown(found)}, not {np.dtype(dtype).name} ({wanted}{',' * (len(shape) == 1)})"
        )
    return found


def numbers(holder: dict[str, Any], key: str, shape: tuple[int | None, ...], where: str) -> NDArray[np.float32]:
    """The float32 array `holder[key]` of this shape, all of it numbers."""
    found: NDArray[np.float32] = array(holder, key, np.float32, shape, where)
    if not np.isfinite(found).all():
        raise DescriptionError(f"{key!r} of {where} holds what is no number")
    return found


def agree(metadata: dict[str, Any], own: dict[str, int | str], where: str) -> None:
    """What the metadata say, as far as they do, must be what a thing has."""
    for key, value in own.items():
        said = metadata.get(key, value)
        if type(said) is not type(value) or said != value:
            raise DescriptionError(f"{key} of {where} is {value!r}, its metadata say {_shown(said)}")


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype.name} {value.shape}"
    if isinstance(value, (str, int, float)):
        return f"{value!r:.80}"
    return f"of type {type(value).__name__}"
