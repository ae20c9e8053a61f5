"""Many messages of varint fields, decoded at once.

Such a message is nothing but varints: tag, number, tag, number. So is one that holds further messages of that kind:
tag, length, and then their tags and numbers. Laid end to end, messages are one stream of pairs, whatever order their
fields stand in and however many octets a number takes. Where one has a field of another kind, all are read one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.womd.leaves import BOUNDARY, Leaf, from_varints, read_leaf
from gold_data.womd.limits import MAX_ROWS, check_count
from gold_data.womd.wire import VARINT, Field, fields, payloads


@dataclass(frozen=True)
class Messages:
    """(N,) `rows` of messages; those inside them, one message's after the other's, are (M,) `children`.

    The children of message i are those behind the ones of message i - 1 up to `children_end[i]`.
    """

    rows: NDArray[np.void]
    children: NDArray[np.void]
    children_end: NDArray[np.intp]


class VarintMessages:
    """The messages of one kind in a record's data, each `depth` deep; their fields `child_tag` are messages too."""

    def __init__(self, leaf: Leaf, data: bytes, depth: int, child: Leaf = BOUNDARY, child_tag: int = 0) -> None:
        self._data, self._depth = data, depth
        self._leaf, self._child, self._child_tag = leaf, child, child_tag
        self._spans: list[tuple[int, int]] = []

    def add(self, found: list[Field]) -> slice:
        """Take in the messages of these fields; returns which of all messages they are."""
        spans = self._spans
        first = len(spans)
        for _, start, length, count in found:
            if count == 1:
                spans.append((start, start + length))
            else:
                check_count(len(spans) + count, MAX_ROWS, "boundaries or neighbors")
                spans += [(at, at + length) for at in payloads((0, start, length, count))]
        check_count(len(spans), MAX_ROWS, "boundaries or neighbors")
        return slice(first, len(spans))

    def decode(self) -> Messages:
        """All messages, in the order of `add`; raises MalformedRecord."""
        stream = np.frombuffer(b"".join([self._data[start:end] for start, end in self._spans]), np.uint8)
        pairs = _pairs(stream)
        return (pairs and self._from_pairs(pairs, len(stream))) or self._one_by_one()

    def _from_pairs(self, pairs: _Pairs, size: int) -> Messages | None:
        """The messages of a stream of `size` octets, or None where it is not pairs alone."""
        spans = np.array(self._spans, np.intp).reshape(-1, 2)
        ends = np.cumsum(spans[:, 1] - spans[:, 0])
        owner = np.searchsorted(ends, pairs.start, side="right")
        is_child = pairs.tag == self._child_tag
        child_start = pairs.end[is_child]
        child_end = child_start + pairs.number[is_child].astype(np.intp)
        child = np.searchsorted(child_start, pairs.start, side="right") - 1
        inside = np.append(child_end, 0)[child] > pairs.start
        borders = np.append(pairs.start, size)
        if not (
            np.all(pairs.tag[~is_child] & 7 == VARINT)
            and np.all(pairs.is_length[is_child])
            and np.all(child_end <= ends[owner[is_child]])
            and not np.any(inside & is_child)
            and np.isin(ends, borders).all()
            and np.isin(child_end, borders).all()
        ):
            return None
        return Messages(
            _rows(self._leaf, pairs, ~inside, owner, len(spans)),
            _rows(self._child, pairs, inside, child, len(child_start)),
            np.cumsum(np.bincount(owner[is_child], minlength=len(spans))),
        )

    def _one_by_one(self) -> Messages:
        rows = np.zeros(len(self._spans), self._leaf.dtype)
        children = [np.zeros(0, self._child.dtype)]
        children_end = np.zeros(len(self._spans), np.intp)
        for index, (start, end) in enumerate(self._spans):
            read_leaf(self._leaf, self._data, start, end, self._depth, rows[index : index + 1])
            for field in fields(self._data, start, end, self._depth):
                if field[0] == self._child_tag:
                    for inside in payloads(field):
                        children.append(np.zeros(1, self._child.dtype))
                        read_leaf(self._child, self._data, inside, inside + field[2], self._depth + 1, children[-1])
            children_end[index] = len(children) - 1
        return Messages(rows, np.concatenate(children), children_end)


@dataclass(frozen=True)
class _Pairs:
    """Tags and numbers of a stream, the octets [start, end) that each pair takes, and whether it can be a length."""

    tag: NDArray[np.uint64]
    number: NDArray[np.uint64]
    start: NDArray[np.intp]
    end: NDArray[np.intp]
    is_length: NDArray[np.bool_]


def _pairs(stream: NDArray[np.uint8]) -> _Pairs | None:
    """The stream as pairs of varints, or None where it is not: too long a varint or tag, an end inside a pair."""
    last = np.flatnonzero(stream < 0x80)
    if len(last) == 0 or len(last) % 2 or last[-1] != len(stream) - 1:
        return None
    first = np.concatenate([[0], last[:-1] + 1])
    octets = last - first + 1
    widest = int(octets.max())
    if widest > 10 or octets[0::2].max() > 5:
        return None
    value = stream[last].astype(np.uint64)
    for earlier in range(1, widest):
        more = np.flatnonzero(octets > earlier)
        value[more] = value[more] << np.uint64(7) | stream[last[more] - earlier] & np.uint64(0x7F)
    tag, number = value[0::2], value[1::2]
    if tag.min() < 8 or tag.max() >= 2**32:
        return None
    is_length = (octets[1::2] <= 5) & (number <= len(stream))
    return _Pairs(tag, number, first[0::2], last[1::2] + 1, is_length)


def _rows(
    leaf: Leaf, pairs: _Pairs, chosen: NDArray[np.bool_], index: NDArray[np.intp], count: int
) -> NDArray[np.void]:
    """(count,) rows of the leaf's dtype out of the chosen pairs, pair i being a field of row index[i]."""
    rows = np.zeros(count, leaf.dtype)
    for tag, name in leaf.columns.items():
        here = np.flatnonzero(chosen & (pairs.tag == tag))
        column: NDArray[Any] = from_varints(pairs.number[here], leaf.dtype[name])
        if name in leaf.enums:
            known = (column >= 0) & (column < leaf.enums[name])
            here, column = here[known], column[known]
        # Where a field comes again in one message, numpy's assignment keeps the last one, as protobuf does.
        rows[name][index[here]] = column
    return rows
