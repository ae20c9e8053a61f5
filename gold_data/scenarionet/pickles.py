"""Pickles whose bytes follow from their values alone, and pickles of others read without running anything of theirs.

ScenarioNet keeps descriptions and summaries as pickles: dicts, lists, tuples, sets, text, numbers and numpy arrays.
"""

from __future__ import annotations

import io
import pickle
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np

from gold_data.errors import DatasetError

PROTOCOL = 4
ATOMS = frozenset({str, int, float, bool, type(None)})


class Entries:
    """Pairs of key and value that are pickled as one dict while they are made, so that it never stands in memory."""

    def __init__(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        self.pairs = pairs


class _Set:
    """A set on its way into a pickle: written in sorted order, where a set's own order follows the hash seed."""

    def __init__(self, values: set[Any]) -> None:
        self.values = sorted(values, key=repr)  # None stands in some beside text


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, _Set):
            return set, (value.values,)
        if isinstance(value, Entries):
            return dict, (), None, None, ((key, _with_sorted_sets(item)) for key, item in value.pairs)
        return NotImplemented


def write_pickle(file: IO[bytes], value: Any) -> None:
    """Pickle a description, a summary or `Entries`; equal values give equal bytes in every process.

    Sets must be values of plain dicts. An object that stands at several places is written at each.
    """
    pickler = _Pickler(file, protocol=PROTOCOL)
    pickler.fast = True  # no memo: it would tell equal objects from the same object, and hold on to all of them
    pickler.dump(_with_sorted_sets(value))


def _with_sorted_sets(value: Any) -> Any:
    if isinstance(value, set):
        return _Set(value)
    if type(value) is dict:
        return {key: _with_sorted_sets(item) for key, item in value.items()}
    return value


class RefusedPickle(ValueError):  # noqa: N818 - it says what the pickle is, to the one who turns it into an error
    """Bytes that are no pickle, or one that holds or names what is not admitted; `str()` is the reason."""


def read_pickle(path: Path) -> Any:
    """Read a pickle as `unpickle` does; raises DatasetError where the file cannot be read or is refused."""
    try:
        return unpickle(path.read_bytes())
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}; check the path.") from error
    except RefusedPickle as error:
        raise DatasetError(
            f"{path} is not a ScenarioNet pickle that can be read safely: {error}; "
            "use a database that ScenarioNet or this package wrote."
        ) from error


def unpickle(data: bytes) -> Any:
    """Read a pickle of plain containers, text, numbers and numpy arrays; ScenarioDescription becomes a dict.

    Raises RefusedPickle where these bytes are no pickle or name anything else, which is then not run.
    """
    with _refused():
        return _Revival().of(_loaded(data))


def skim(data: bytes) -> Any:
    """Read a pickle for the text and the numbers in it, in a third of the time; what is an array is left unmade.

    Raises RefusedPickle as `unpickle` does.
    """
    with _refused():
        return _loaded(data)


def _loaded(data: bytes) -> Any:
    # Here, since numba takes a second to come.
    from gold_data.scenarionet.opcodes import largest_memo_index

    if largest_memo_index(data) >= len(data):
        raise pickle.UnpicklingError("it numbers more objects than it has bytes")
    return _Unpickler(io.BytesIO(data)).load()


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise RefusedPickle(str(error) or type(error).__name__) from error


class _Dtype:
    """What stands for numpy.dtype in a pickle that is being read."""

    def __init__(self, code: str, align: bool = False, copy: bool = False) -> None:
        if not re.fullmatch(r"b1|[iuf][1248]", code):
            raise pickle.UnpicklingError(f"arrays of type {code!r} are not admitted")
        self.code = code

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1]
        if order not in ("<", ">", "|") or any(part is not None for part in state[2:5]):
            raise pickle.UnpicklingError("structured arrays are not admitted")
        self.code = order + self.code


class _Array:
    """What stands for a numpy array, its class and its maker in a pickle that is being read.

    numpy's own would take a crafted type description from the file at its word and put raw bytes in place of objects.
    """

    def __init__(self, *_: Any) -> None:
        self.array: np.ndarray[Any, Any] | None = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, shape, dtype, in_fortran_order, data = state
        if not isinstance(dtype, _Dtype):
            raise pickle.UnpicklingError("an array without a type")
        flat = np.frombuffer(data, dtype=dtype.code)
        self.array = flat.reshape(shape, order="F" if in_fortran_order else "C").copy(order="K")


class _Unpickler(pickle.Unpickler):
    ADMITTED: ClassVar[dict[tuple[str, str], type]] = {
        ("builtins", "dict"): dict,
        ("builtins", "int"): int,
        ("builtins", "set"): set,
        ("collections", "defaultdict"): defaultdict,
        ("metadrive.scenario.scenario_description", "ScenarioDescription"): dict,
        ("numpy", "dtype"): _Dtype,
        ("numpy", "ndarray"): _Array,
        ("numpy._core.multiarray", "_reconstruct"): _Array,
        ("numpy.core.multiarray", "_reconstruct"): _Array,
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self.ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is never run") from None


class _Revival:
    """Puts the arrays in place of what stood for them, each container once however often it is met."""

    def __init__(self) -> None:
        # By id: the value, held so that its id stays its own, and what it became.
        self.done: dict[int, tuple[Any, Any]] = {}

    def of(self, value: Any) -> Any:
        if type(value) in ATOMS:
            return value
        if id(value) not in self.done:
            self.done[id(value)] = (value, value)
            self.done[id(value)] = (value, self._revived(value))
        return self.done[id(value)][1]

    def _revived(self, value: Any) -> Any:
        if isinstance(value, _Array) and value.array is not None:
            return value.array
        if isinstance(value, dict) and ATOMS.issuperset(map(type, value)):
            for key, item in value.items():
                if type(item) not in ATOMS:
                    value[key] = self.of(item)
            return value
        if isinstance(value, list):
            if not ATOMS.issuperset(map(type, value)):
                value[:] = map(self.of, value)
            return value
        if isinstance(value, tuple):
            return tuple(map(self.of, value))
        if isinstance(value, set) and ATOMS.issuperset(map(type, value)):
            return value
        raise pickle.UnpicklingError(f"it holds a {type(value).__name__.strip('_').lower()} where none belongs")
