"""`gold-data` run in this process: what it says, and with which code it ends."""

from __future__ import annotations

import sys
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
        lines = [line for line in self.err.splitlines() if not line.startswith(("Indexing: ", "Driving: "))]
        assert len(lines) == 1, self.err
        assert lines[0].startswith("gold-data: ")
        return lines[0].removeprefix("gold-data: ")


class Command:
    """`gold-data` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: object) -> Done:
        self._monkeypatch.setattr(sys, "argv", ["gold-data", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = self._capsys.readouterr()
        return Done(end.value.code, said.out, said.err)
