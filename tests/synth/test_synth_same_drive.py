"""Windows of one drive are known again as one drive, and drives are kept apart, as the dataset's split asks for."""

from pathlib import Path

import pytest

from gold_data.conversion.drives import group_drives
from gold_data.conversion.index import index_source
from gold_data.settings import ConvertSettings
from gold_data.sources import find_sources
from gold_data.synth import synthesize


@pytest.mark.parametrize("windows", [2, 4])
def test_windows_are_grouped_by_drive(tmp_path: Path, windows: int) -> None:
    drives = 3
    synthesize(tmp_path, drives * windows, 5, same_drive=windows)
    (source,) = find_sources([str(tmp_path)])
    index = index_source(source, ConvertSettings())
    assert not index.damaged
    groups = group_drives(index.records)
    assert len(set(groups)) == drives
    for drive in range(drives):
        assert len(set(groups[drive * windows : (drive + 1) * windows])) == 1


def test_scenarios_of_their_own_drives_stay_apart(tmp_path: Path) -> None:
    synthesize(tmp_path, 8, 6)
    (source,) = find_sources([str(tmp_path)])
    assert len(set(group_drives(index_source(source, ConvertSettings()).records))) == 8
