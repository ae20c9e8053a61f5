from __future__ import annotations

import pytest
from conversion_indices import indexed, source_index

from gold_data.conversion.forecast import Disk, expected, frames, size_text
from gold_data.conversion.plan import Plan, make_plan
from gold_data.conversion.rows import UnitRow
from gold_data.settings import CheckSettings, ConvertSettings, DemonstrationSettings, SplitSettings
from gold_data.shards import FileRow, ShardRow

SETTINGS = ConvertSettings(unit=50, split=SplitSettings(train=176))


def plan(scenarios: int, settings: ConvertSettings) -> Plan:
    records = [indexed(f"{number:04x}", offset=number, states=[number]) for number in range(scenarios)]
    return make_plan([source_index("training/part-0", records)], settings)


def test_what_was_measured_is_expected() -> None:
    """179 real scenarios: 16,029 steps, 8.81 MB in five shards, of which four are of training here."""
    made = plan(176, SETTINGS)
    assert sum(map(frames, made.units)) == 176 * 91
    assert expected(made, made.units, SETTINGS, 1).bytes == pytest.approx(8.81e6 * 14_094 / 16_029, rel=0.1)


def test_demonstrations_checks_and_workers_count() -> None:
    made = plan(176, SETTINGS)
    alone = expected(made, made.units, SETTINGS, 1)
    assert expected(made, made.units, SETTINGS, 4).seconds == pytest.approx(alone.seconds / 4)
    assert expected(made, made.units[:2], SETTINGS, 1).bytes < alone.bytes * 0.6
    more = SETTINGS.model_copy(update={"demonstrations": DemonstrationSettings(number=8)})
    assert expected(made, made.units, more, 1).bytes == pytest.approx(6.3 * alone.bytes, rel=0.1)
    fast = SETTINGS.model_copy(update={"engine": "batched", "check": CheckSettings(share=0.0)})
    checked = SETTINGS.model_copy(update={"engine": "batched", "check": CheckSettings(share=1.0)})
    times = [expected(made, made.units, settings, 1).seconds for settings in (fast, SETTINGS, checked)]
    assert times == sorted(times)
    database = expected(made, made.units, SETTINGS.model_copy(update={"scenarios": True}), 1).bytes - alone.bytes
    assert database == pytest.approx(10**6)


def row(name: str, planned: int, size: int) -> UnitRow:
    files = (FileRow(path="rewards/c/0", size=size, sha256="0" * 64),)
    shard = ShardRow(name=f"{name}.zarr", episodes=1, steps=1, content_digest="0" * 64, files=files)
    return UnitRow(
        name=name, split="train", planned=planned, kept=1, egos=1, shard=shard, scenario_files=(), rejected=()
    )


def test_what_is_done_says_what_all_will_come_to() -> None:
    made = plan(176, SETTINGS)
    disk = Disk(made.units)
    assert str(disk) == ""
    disk.add(row(made.units[0].name, 50, 2_500_000))
    assert disk.expected == pytest.approx(2_500_000 * 176 / 50)
    assert str(disk) == "2.5 MB of about 8.8 MB written"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (999_600, "1 MB"), (1.24e9, "1.24 GB"), (5e15, "5e+03 TB")],
)
def test_sizes_are_read_at_a_glance(size: float, text: str) -> None:
    assert size_text(size) == text
