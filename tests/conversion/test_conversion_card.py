from __future__ import annotations

import re

from gold_data import Dataset


def test_the_card_says_what_the_manifest_says(converted: Dataset) -> None:
    text = (converted.root / "README.md").read_text()
    counts = converted.manifest.counts
    assert f"| manifest | `{converted.digest}` |" in text
    assert f"| episodes | {counts.episodes} |" in text
    assert f"| steps (10 Hz) | {counts.steps} |" in text
    for name, split in converted.manifest.splits.items():
        assert f"| {name} | {split.planned} | {split.kept} | {split.episodes} | {split.steps} |" in text
    assert "3 files" in text
    assert "`more`, `training`: 12 records,\n1 damaged, 1 duplicate, 10 scenarios, of which 6 are kept." in text
    assert "| too_short | 2 |\n" in text
    assert "| parked | 1 |\n" in text
    assert "end on arrival" in text


def test_every_table_has_cells_for_its_columns(converted: Dataset) -> None:
    text = (converted.root / "README.md").read_text()
    tables = re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    assert len(tables) == 4
    for table in tables:
        cells = [len(re.split(r"(?<!\\)\|", row)) for row in table.splitlines()]
        assert len(set(cells)) == 1, table


def test_the_example_in_it_runs(converted: Dataset) -> None:
    text = (converted.root / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    shown: dict[str, object] = {}
    exec(example.replace('open_dataset(".")', f"open_dataset({str(converted.root)!r})"), shown)
    assert shown["batch"] is not None
