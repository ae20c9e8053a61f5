"""Many messages of one kind, decoded at once where they are laid out alike.

A writer that sets the same fields lays two messages out alike: tags and lengths at the same places, numbers between
them. Gathered into the rows of one array, such messages are read column by column. One that is laid out otherwise
than those of its length, or that has unknown or repeated fields, is read on its own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gold_data.womd.leaves import Leaf, from_varints, read_leaf
from gold_data.womd.limits import MAX_ROWS, MalformedRecord
from gold_data.womd.wire import VARINT, fields

Octets: TypeAlias = NDArray[np.uint8]

_LAYOUTS_TRIED = 8
"""Layouts that messages of one length are looked through for, before the rest is read one by one."""
_HEADER = 2
"""Octets before each message in a row: its tag and length, or the last two octets of these."""


class Uniform:
    """The messages of one kind in a record's data, each `depth` messages deep."""

    def __init__(self, leaf: Leaf, data: bytes, depth: int) -> None:
        self._leaf, self._data, self._depth = leaf, data, depth
        self._runs: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self.count = 0

    def add(self, start: int, length: int, count: int) -> None:
        """Take in `count` messages of `length` bytes, the first at `start`, each behind a header of two bytes."""
        self._runs[length].append((start, count, self.count))
        self.count += count
        if self.count > MAX_ROWS:
            raise MalformedRecord(f"it has more than {MAX_ROWS} points, states or signals")

    def decode(self) -> NDArray[np.void]:
        """(count,) rows of the leaf's dtype, in the order of `add`; raises MalformedRecord."""
        rows = np.zeros(self.count, self._leaf.dtype)
        for length, runs in self._runs.items():
            stride = length + _HEADER
            pieces = [self._data[start - _HEADER : start - _HEADER + count * stride] for start, count, _ in runs]
            self._decode_into(rows, np.frombuffer(b"".join(pieces), np.uint8).reshape(-1, stride), np.array(runs))
        return rows

    def _decode_into(self, rows: NDArray[np.void], octets: Octets, runs: NDArray[np.intp]) -> None:
        """Read messages of one length into their rows: `octets` (N, 2 + length), `runs` as `add` noted them."""
        first, count, target = runs.T
        targets = _stretch(target, count, 1)
        left = np.arange(len(octets))
        for _ in range(_LAYOUTS_TRIED):
            layout = _layout(self._leaf, octets[0].tobytes()) if len(octets) else None
            if layout is None:
                break
            alike = layout.alike(octets)
            if alike.all():
                layout.read(octets, rows, slice(None) if len(octets) == len(rows) else targets[left])
                return
            layout.read(octets[alike], rows, targets[left[alike]])
            octets, left = octets[~alike], left[~alike]
        length = octets.shape[1] - _HEADER
        starts = _stretch(first, count, octets.shape[1])
        for index in left.tolist():
            start, row = int(starts[index]), rows[targets[index] : targets[index] + 1]
            read_leaf(self._leaf, self._data, start, start + length, self._depth, row)


def _stretch(first: NDArray[np.intp], count: NDArray[np.intp], step: int) -> NDArray[np.intp]:
    """first[0], first[0] + step, ... (count[0] of them), first[1], ..."""
    behind = np.cumsum(count)
    stretched: NDArray[np.intp] = np.arange(behind[-1]) * step + np.repeat(first - (behind - count) * step, count)
    return stretched


@dataclass(frozen=True)
class _Layout:
    """Where the fields of a message stand in a row of octets.

    `fixed` are octets (tags, lengths) by their place. `varints` are the columns that are varints, by first and last
    octet; `packed` is the row as a structured type that has the floating-point columns.
    """

    fixed: tuple[tuple[int, int], ...]
    varints: tuple[tuple[str, int, int], ...]
    enums: dict[str, int]
    packed: np.dtype[np.void]

    def alike(self, octets: Octets) -> NDArray[np.bool_]:
        """(N,) which rows of octets are laid out so."""
        other = np.zeros(len(octets), np.bool_)
        for place, octet in self.fixed:
            other |= octets[:, place] != octet
        for _, first, last in self.varints:
            other |= octets[:, last] >= 0x80
            for place in range(first, last):
                other |= octets[:, place] < 0x80
        return ~other

    def read(self, octets: Octets, rows: NDArray[np.void], targets: NDArray[np.intp] | slice) -> None:
        """Read rows of octets that are laid out so to rows[targets], which hold zeros."""
        values = octets.view(self.packed)[:, 0]
        for name in self.packed.names or ():
            rows[name][targets] = values[name]
        for name, first, last in self.varints:
            number = np.zeros(len(octets), np.uint64)
            for shift, place in enumerate(range(first, last + 1)):
                number |= (octets[:, place] & np.uint8(0x7F)).astype(np.uint64) << np.uint64(7 * shift)
            column = from_varints(number, rows.dtype[name])
            if name in self.enums:
                column[(column < 0) | (column >= self.enums[name])] = 0
            rows[name][targets] = column


def _layout(leaf: Leaf, row: bytes) -> _Layout | None:
    """The layout of one row of octets, or None where it has fields that a layout does not tell of."""
    fixed: list[tuple[int, int]] = []
    columns: list[tuple[str, int, int]] = []
    try:
        if not _places(leaf, row, (_HEADER, len(row)), fixed, columns):
            return None
    except MalformedRecord:
        return None
    names = [name for name, _, _ in columns]
    return _layout_of(leaf, len(row), tuple(fixed), tuple(columns)) if len(set(names)) == len(names) else None


def _places(
    leaf: Leaf, row: bytes, span: tuple[int, int], fixed: list[tuple[int, int]], columns: list[tuple[str, int, int]]
) -> bool:
    """Collect where the fields of the message row[span] stand; False where one is not as a layout can have it."""
    position, end = span
    for tag, value, length, count in fields(row, position, end, 0):
        if row[position] != tag or count > 1:
            return False
        fixed.append((position, tag))
        position += 1
        if tag in leaf.inner and value == position + 1:
            fixed.append((position, length))
            if not _places(leaf.inner[tag], row, (value, value + length), fixed, columns):
                return False
            position = value + length
        elif tag in leaf.columns:
            first = position
            if tag & 7 == VARINT:
                while row[position] >= 0x80:
                    position += 1
                position += 1
            else:
                position += length
            columns.append((leaf.columns[tag], first, position - 1))
        else:
            return False
    return position == end


@lru_cache(maxsize=4096)
def _layout_of(
    leaf: Leaf, stride: int, fixed: tuple[tuple[int, int], ...], columns: tuple[tuple[str, int, int], ...]
) -> _Layout:
    floats = [column for column in columns if leaf.dtype[column[0]].kind == "f"]
    return _Layout(
        fixed,
        tuple(column for column in columns if column not in floats),
        leaf.enums,
        np.dtype(
            {
                "names": [name for name, _, _ in floats],
                "formats": [leaf.dtype[name] for name, _, _ in floats],
                "offsets": [first for _, first, _ in floats],
                "itemsize": stride,
            }
        ),
    )
