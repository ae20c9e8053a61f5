from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gold_data.scenarionet import DescriptionError
from gold_data.scenarionet.expected import agree, array, entry, list_of, mapping, numbers, of_type

HOLDER = {"flag": True, "row": np.zeros((2, 3), np.float32), "gap": np.array([0, np.inf], np.float32)}

REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: entry(HOLDER, "none", int, "it"), "it has no 'none'"),
    (lambda: entry(HOLDER, "flag", int, "it"), "'flag' of it is True, not of type int"),
    (lambda: of_type("x" * 200, int, "it"), r"it is 'x{79}, not of type int"),
    (lambda: mapping({1: {}}, "it"), "a key of it is 1, not of type str"),
    (lambda: mapping({"a": []}, "it"), "'a' of it is of type list, not of type dict"),
    (lambda: list_of(["a", 1], str, "it"), "an item of it is 1, not of type str"),
    (lambda: array(HOLDER, "flag", np.bool_, (1,), "it"), "'flag' of it is True, not of type ndarray"),
    (
        lambda: array(HOLDER, "row", np.float32, (None, 2), "it"),
        r"'row' of it is float32 \(2, 3\), not float32 \(N, 2\)",
    ),
    (lambda: array(HOLDER, "row", np.float32, (6,), "it"), r"'row' of it is float32 \(2, 3\), not float32 \(6,\)"),
    (
        lambda: array(HOLDER, "row", np.bool_, (2, 3), "it"),
        r"'row' of it is float32 \(2, 3\), not bool \(2, 3\)",
    ),
    (lambda: numbers(HOLDER, "gap", (2,), "it"), "'gap' of it holds what is no number"),
    (lambda: agree({"length": 2}, {"length": 1}, "it"), "length of it is 1, its metadata say 2"),
    (lambda: agree({"length": True}, {"length": 1}, "it"), "length of it is 1, its metadata say True"),
    (
        lambda: agree({"length": np.ones(3)}, {"length": 1}, "it"),
        r"length of it is 1, its metadata say float64 \(3,\)",
    ),
]


@pytest.mark.parametrize(("ask", "reason"), REFUSED, ids=[reason[:40] for _, reason in REFUSED])
def test_what_is_there_instead_is_said(ask: Callable[[], object], reason: str) -> None:
    with pytest.raises(DescriptionError, match=f"^{reason}$"):
        ask()


def test_what_is_expected_is_returned_as_it_is() -> None:
    assert entry(HOLDER, "flag", bool, "it") is True
    assert array(HOLDER, "row", np.float32, (None, 3), "it") is HOLDER["row"]
    assert numbers(HOLDER, "row", (2, 3), "it") is HOLDER["row"]
    items = ["a"]
    assert list_of(items, str, "it") == items
    assert list_of(items, str, "it") is not items
    agree({}, {"length": 1}, "it")
