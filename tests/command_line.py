"""`gold-data` and `gold-train` run in this process: what they say, and with which code they end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from gold_data import cli


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: object
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on stderr, apart from progress."""
        progress = "Indexing: ", "Expected: ", "Driving: "
        lines = [line for line in self.err.splitlines() if not line.startswith(progress)]
        assert len(lines) == 1, self.err
        assert lines[0].startswith("gold-data: ")
        return lines[0].removeprefix("gold-data: ")


class Command:
    """A program in this process, `gold-data` unless another is named."""

    def __init__(
        self,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        program: str = "gold-data",
        main: Callable[[], None] = cli.main,
    ) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch
        self._program, self._main = program, main

    def __call__(self, *arguments: object) -> Done:
        self._monkeypatch.setattr(sys, "argv", [self._program, *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            self._main()
        said = self._capsys.readouterr()
        return Done(end.value.code, said.out, said.err)
