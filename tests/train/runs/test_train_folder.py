"""Where a run may be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gold_data.errors import OutputError
from gold_train.runs.folder import LAST, SETTINGS, begin, has_begun
from gold_train.settings import CloningRun, run_settings


def test_where_a_run_may_be(tmp_path: Path) -> None:
    assert not has_begun(tmp_path / "new")
    assert not has_begun(tmp_path)
    (tmp_path / ".last.safetensors.0.partial").touch()  # killed while it began
    assert not has_begun(tmp_path)
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(OutputError, match="holds no training to go on with"):
        has_begun(tmp_path)
    with pytest.raises(OutputError, match="holds no training to go on with"):
        has_begun(tmp_path / "thesis.tex")
    (tmp_path / LAST).touch()
    assert has_begun(tmp_path)


def test_a_run_begins_with_what_going_on_needs(tmp_path: Path) -> None:
    run = tmp_path / "runs" / "clone"
    begin(run, CloningRun(), (run / LAST).touch)
    assert has_begun(run)
    assert run_settings(json.loads((run / SETTINGS).read_text())) == CloningRun()
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be made"):
        begin(tmp_path / "file" / "run", CloningRun(), lambda: None)
