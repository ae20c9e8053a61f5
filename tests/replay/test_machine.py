"""What a machine lacks, in one sentence."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from gold_data.errors import MachineError
from gold_data.replay import machine


def test_this_machine_lacks_nothing() -> None:
    assert machine.problem() is None
    machine.check_machine()


@pytest.mark.parametrize("version", [(3, 10, 4), (3, 12, 0)])
def test_another_python_is_named_with_the_one_that_is_needed(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    found = machine.problem()
    assert found is not None
    assert found.startswith(f"Python {version[0]}.{version[1]}: ")
    assert "3.11" in found
    with pytest.raises(MachineError, match=r"make the environment with python3\.11"):
        machine.check_machine()


@pytest.mark.parametrize("missing", [{"libGL.so.1"}, {"libGL.so.1", "libgthread-2.0.so.0"}])
def test_missing_libraries_are_named_as_packages(monkeypatch: pytest.MonkeyPatch, missing: set[str]) -> None:
    def opens(name: str) -> object:
        if name in missing:
            raise OSError(f"{name}: cannot open shared object file")
        return object()

    monkeypatch.setattr(ctypes, "CDLL", opens)
    found = machine.problem()
    assert found is not None
    assert "apt-get install" in found
    for library, package in machine.LIBRARIES.items():
        assert (package in found.split()) == (library in missing)


def test_a_missing_extra_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PACKAGES", ("metadrive", "not_there"))
    with pytest.raises(MachineError, match=r"^not_there not installed; .* pip install 'gold-data\[simulate\]'$"):
        machine.check_machine()


def test_it_can_be_asked_with_the_standard_library_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", machine.__file__], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_asked_on_a_machine_that_lacks_something_it_says_so_and_fails() -> None:
    code = (
        "import ctypes, runpy\n"
        "def closed(name): raise OSError(name)\n"
        "ctypes.CDLL = closed\n"
        f"runpy.run_path({machine.__file__!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 1
    assert "apt-get install -y --no-install-recommends libgl1 libglib2.0-0" in done.stderr
