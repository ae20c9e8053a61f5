from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXPECTED = {
    "a record that claims 2**60 bytes, read": "refused: x: record at byte 0: it has 1152921504606846976 bytes, more",
    "a record that claims 2**60 bytes, scanned": "['it has 1152921504606846976 bytes, more than the 268435456",
    "a lane of a million points": "refused: it has more than 200000 points",
    "a field that claims 2**60 bytes": "refused: ",
    "ten thousand groups in each other": "refused: ",
    "ten thousand messages in each other": "Scenario(",
    "a million tracks": "refused: it has more than 10000 tracks",
}
"""What comes of each; messages in a field that is not known are bytes, whatever they hold."""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("womd_bombs.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    read: dict[str, str] = json.loads(done.stdout)
    return read


@pytest.mark.parametrize("name", EXPECTED)
def test_an_error_and_no_memory(outcomes: dict[str, str], name: str) -> None:
    assert outcomes[name].startswith(EXPECTED[name])


def test_each_is_expected(outcomes: dict[str, str]) -> None:
    assert outcomes.keys() == EXPECTED.keys()
