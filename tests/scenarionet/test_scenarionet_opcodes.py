from __future__ import annotations

import pickle
import pickletools
import resource
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.scenarionet.opcodes import largest_memo_index
from gold_data.scenarionet.pickles import RefusedPickle, unpickle

BOMBS = {
    "LONG_BINPUT": b"\x80\x04]r\xff\xff\xff\x7f.",
    "PUT": b"\x80\x04]p2147483647\n.",
    "behind text": b"\x80\x04\x8c\x01r\x94]r\xff\xff\xff\x7f.",
}

VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=300) | st.binary(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


def by_pickletools(data: bytes) -> int:
    puts = [int(arg or 0) for op, arg, _ in pickletools.genops(data) if op.name in ("PUT", "LONG_BINPUT")]
    return max(puts, default=-1)


@settings(max_examples=100, deadline=None)
@given(value=VALUES, protocol=st.integers(0, 5))
def test_the_index_is_that_of_python_s_own_tools(value: Any, protocol: int) -> None:
    data = pickle.dumps([value, [value] * 2], protocol)
    assert largest_memo_index(data) == by_pickletools(data)


def test_more_objects_than_a_byte_numbers() -> None:
    data = pickle.dumps([[number] for number in range(1000)], 2)
    assert largest_memo_index(data) == by_pickletools(data) > 900


def test_arrays_are_stepped_over() -> None:
    assert largest_memo_index(pickle.dumps(np.full(1000, 0x72, np.uint8), 4)) == -1


@pytest.mark.parametrize("data", [b"", b"\xff", b"]r\x01\x02", b"X\xff\xff\xff\xff", b"\x8e" + b"\xff" * 8, b"p12"])
def test_bytes_that_are_no_pickle_end_the_walk(data: bytes) -> None:
    assert largest_memo_index(data) in (-1, 12)


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS.keys())
def test_a_memo_that_would_fill_the_memory_is_refused(data: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(RefusedPickle, match="it numbers more objects than it has bytes"):
        unpickle(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_lists_in_lists_without_end_are_refused() -> None:
    with pytest.raises(RefusedPickle):
        unpickle(b"]" * 100_000 + b"a" * 99_999 + b".")


def test_python_s_own_unpickler_does_take_the_memory() -> None:
    """Else the check has no reason any more."""
    code = "import pickle, resource\nresource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\npickle.loads(%r)"
    done = subprocess.run(
        [sys.executable, "-c", code % BOMBS["LONG_BINPUT"]], capture_output=True, text=True, check=False
    )
    assert "MemoryError" in done.stderr
