"""The largest number under which a pickle puts something into its memo, compiled where numba is there.

Python's unpickler makes its memo as long as the largest number asks for: nine bytes can take 64 GB of memory.
"""

from __future__ import annotations

import pickletools
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from numba import njit
except ModuleNotFoundError:  # who only looks at a dataset may have none

    def njit(**_: Any) -> Any:
        """Leave a function as it is."""
        return lambda function: function


_UNKNOWN = -100
_LINE = pickletools.UP_TO_NEWLINE
_LENGTHS = {pickletools.TAKEN_FROM_ARGUMENT1: 1, pickletools.TAKEN_FROM_ARGUMENT4: 4}
_LENGTHS |= {pickletools.TAKEN_FROM_ARGUMENT4U: 4, pickletools.TAKEN_FROM_ARGUMENT8U: 8}
_PUT, _LONG_BINPUT, _STOP = b"pr."


def _arguments() -> NDArray[np.int64]:
    """(256, 3) of each opcode: bytes of its argument, bytes of the length before it, lines of text."""
    table = np.full((256, 3), _UNKNOWN, np.int64)
    for opcode in pickletools.opcodes:
        size = opcode.arg.n if opcode.arg else 0
        two = opcode.arg is pickletools.stringnl_noescape_pair
        if size == _LINE:
            row = (0, 0, 2 if two else 1)
        elif size < 0:
            row = (0, _LENGTHS[size], 0)
        else:
            row = (size, 0, 0)
        table[ord(opcode.code)] = row
    return table


_ARGUMENTS = _arguments()


def largest_memo_index(data: bytes) -> int:
    """The largest index that is put, -1 where there is none; of bytes that are no pickle, up to where they are one."""
    return int(_largest(np.frombuffer(data, np.uint8), _ARGUMENTS))


@njit(cache=True)
def _largest(octets: NDArray[np.uint8], arguments: NDArray[np.int64]) -> int:
    size, place, largest = len(octets), 0, -1
    while place < size:
        opcode = octets[place]
        fixed, prefix, lines = arguments[opcode]
        place += 1
        if opcode == _STOP or fixed == _UNKNOWN:
            break
        if opcode == _PUT:
            index = 0
            while place < size and octets[place] != 10:
                if 48 <= octets[place] <= 57 and index < 2**40:
                    index = index * 10 + int(octets[place]) - 48
                place += 1
            largest = max(largest, index)
            place += 1
            continue
        if opcode == _LONG_BINPUT:
            if place + 4 > size:
                break
            index = 0
            for byte in range(4):
                index += int(octets[place + byte]) << 8 * byte
            largest = max(largest, index)
        for _ in range(lines):
            while place < size and octets[place] != 10:
                place += 1
            place += 1
        length = 0
        if place + prefix > size:
            break
        for byte in range(min(prefix, 7)):  # a length of 2**56 bytes and more is none
            length += int(octets[place + byte]) << 8 * byte
        place += fixed + prefix + length
    return largest
