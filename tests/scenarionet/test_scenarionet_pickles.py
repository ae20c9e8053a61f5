from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenarionet_records import assert_same

from gold_data.errors import DatasetError
from gold_data.scenarionet.pickles import Entries, read_pickle, write_pickle

WRITE = """
import sys
import numpy as np
from gold_data.scenarionet.pickles import write_pickle
text = "".join(["a", "b"])
same = text if sys.argv[1] == "shared" else "".join(["a", "b"])
write_pickle(sys.stdout.buffer, {"set": set("xyzuvw"), "text": [text, same], "array": np.arange(3, dtype=np.float32)})
"""


def _written(value: Any) -> bytes:
    file = io.BytesIO()
    write_pickle(file, value)
    return file.getvalue()


def _read(folder: Path, data: bytes) -> Any:
    path = folder / "some.pkl"
    path.write_bytes(data)
    return read_pickle(path)


def test_bytes_depend_neither_on_the_hash_seed_nor_on_identity() -> None:
    results = {
        subprocess.run(
            [sys.executable, "-c", WRITE, kind],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for kind, seed in (("shared", "1"), ("apart", "2"))
    }
    assert len(results) == 1
    assert pickle.loads(results.pop())["set"] == set("xyzuvw")


def test_values_come_back(tmp_path: Path) -> None:
    value = {
        "numbers": [1, 2.5, True, None, -np.inf],
        "tuple": (1, ("two", [3])),
        "set": {"b", "a", None},
        "counts": defaultdict(int, {"x": 1}),
        "f4": np.arange(6, dtype=np.float32).reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "empty": np.empty((0, 2), dtype=np.float32),
        "flags": np.array([True, False]),
    }
    data = _written(value)
    assert_same(_read(tmp_path, data), value)
    assert_same(pickle.loads(data), value)


def test_arrays_that_were_read_can_be_changed(tmp_path: Path) -> None:
    array = _read(tmp_path, _written(np.zeros(3, dtype=np.float32)))
    array += 1
    assert array.tolist() == [1, 1, 1]


def test_byte_order_is_heeded(tmp_path: Path) -> None:
    assert _read(tmp_path, _written(np.arange(3, dtype=">i4"))).tolist() == [0, 1, 2]


def test_old_names_are_known(tmp_path: Path) -> None:
    data = b"cmetadrive.scenario.scenario_description\nScenarioDescription\n)R."
    assert _read(tmp_path, data) == {}
    new = pickle.dumps(np.arange(3), protocol=3)
    old = new.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")
    assert old != new
    assert _read(tmp_path, old).tolist() == [0, 1, 2]


def test_shared_containers_are_read_once(tmp_path: Path) -> None:
    nested: Any = "x"
    for _ in range(60):
        nested = [nested, nested]  # 2^60 of them to whom goes through one by one
    read = _read(tmp_path, pickle.dumps(nested))
    assert read[0] is read[1]


class _Harm:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def _crafted_array(dtype: bytes) -> bytes:
    made = pickle.dumps(np.arange(2, dtype=np.int64), protocol=4)
    assert b"i8" in made
    return made.replace(b"i8", dtype)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"cbuiltins\neval\n(V1\ntR.", "it names builtins.eval"),
        (b"\x80\x04\x8c\x08builtins\x8c\x07getattr\x93.", "it names builtins.getattr"),
        (pickle.dumps(np.float32(1)), "it names numpy._core.multiarray.scalar"),
        (pickle.dumps(np.array([{}], dtype=object)), "arrays of type 'O8' are not admitted"),
        (_crafted_array(b"O8"), "arrays of type 'O8' are not admitted"),
        (pickle.dumps(np.zeros(1, dtype=[("a", "f4")])), "arrays of type 'V4' are not admitted"),
        (b"cnumpy\nndarray\n.", "it holds a type where none belongs"),
        (b"cnumpy\ndtype\n(Vf4\ntR.", "it holds a dtype where none belongs"),
        (pickle.dumps(b"bytes", 4), "it holds a bytes where none belongs"),
        (pickle.dumps({("a",): 1}), "it holds a dict where none belongs"),
        (_written(list(range(1000)))[:-500], "pickle"),
        (b"", "Ran out of input"),
        (b"no pickle at all", ""),
    ],
)
def test_everything_else_is_refused(tmp_path: Path, data: bytes, cause: str) -> None:
    with pytest.raises(DatasetError) as raised:
        _read(tmp_path, data)
    message = str(raised.value)
    assert message.startswith(f"{tmp_path / 'some.pkl'} is not a ScenarioNet pickle that can be read safely: {cause}")
    assert "\n" not in message


def test_nothing_is_run(tmp_path: Path) -> None:
    harm = tmp_path / "harm"
    with pytest.raises(DatasetError, match=r"it names posix\.mkdir"):
        _read(tmp_path, pickle.dumps({"id": _Harm(harm)}))
    assert not harm.exists()


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"cannot be read: No such file or directory; check the path\."):
        read_pickle(tmp_path / "none.pkl")


class _Count(io.RawIOBase):
    """A file that counts what it throws away."""

    size = 0

    def write(self, data: Any) -> int:
        self.size += len(data)
        return len(data)


def test_entries_are_written_as_they_are_made() -> None:
    def entries() -> Iterator[tuple[str, str]]:
        for index in range(20_000):
            yield f"name {index}", f"{index:1000}"

    file = _Count()
    tracemalloc.start()
    try:
        write_pickle(file, Entries(entries()))  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert file.size > 20_000_000
    assert peak < 2_000_000


def test_entries_are_read_as_a_dict(tmp_path: Path) -> None:
    pairs = [(f"name {index}", {"set": {"b", "a"}}) for index in range(2500)]
    assert _read(tmp_path, _written(Entries(iter(pairs)))) == dict(pairs)
