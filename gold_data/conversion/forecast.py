"""What a conversion will take, disk and time: by measured means before it starts, then by what it has done itself."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gold_data.conversion.plan import Plan
from gold_data.conversion.rows import Unit, UnitRow
from gold_data.errors import OutputError
from gold_data.settings import ConvertSettings

# Bytes: conversions of 13 to 300 scenarios, real and made up, without demonstrations and with 8, all blocks: 16,029
# steps in 5 shards are 8.81 MB, 22,874 in 6 are 12.20 MB, 942 in 3 are 0.64 MB, 101,657 in 4 are 51.2 MB.
STEP_BYTES = 520
SHARD_BYTES = 45_000
"""The arrays' metadata and the ends of their files."""
CLEAN_STEPS = 0.88
"""Steps kept of a frame planned: an episode ends as it arrives, and some egos are rejected."""
DISTURBED_STEPS = 0.62
"""The same of a demonstration, most of which start inside the record."""
DESCRIPTION_SHARE = 1.0
"""Bytes of the ScenarioNet database a byte of its records: 0.79 MB a real scenario of 91 steps, as its record."""

# Seconds of one core: 60 scenes in MetaDrive, and 10,755 drives in the batched engine.
SCENARIO_SECONDS = 0.2
"""Reading, describing and writing."""
DRIVE_SECONDS = {"metadrive": 1.0, "batched": 0.03}

TOO_LITTLE = 0.7
"""Share of the expected bytes that must be free: the expectation is right within 30 %."""


@dataclass(frozen=True)
class Forecast:
    """What there will be to write, and the seconds until it is done."""

    bytes: float
    seconds: float


def expected(plan: Plan, units: Sequence[Unit], settings: ConvertSettings, workers: int) -> Forecast:
    """What these units of a plan are expected to take on so many workers, before anything is measured."""
    demonstrations = settings.demonstrations.number or 0
    scenarios = sum(len(unit.records) for unit in units)
    drives = sum(len(record.egos) for unit in units for record in unit.records) * (1 + demonstrations)
    steps = sum(map(frames, units)) * (CLEAN_STEPS + DISTURBED_STEPS * demonstrations)
    size = steps * STEP_BYTES + len(units) * SHARD_BYTES
    if settings.scenarios:
        read = sum(source.records for source in plan.sources)
        size += scenarios * DESCRIPTION_SHARE * sum(source.size for source in plan.sources) / max(read, 1)
    drive = DRIVE_SECONDS[settings.engine]
    if settings.engine == "batched":
        drive += settings.check.share * DRIVE_SECONDS["metadrive"]
    return Forecast(size, (scenarios * SCENARIO_SECONDS + drives * drive) / max(workers, 1))


def frames(unit: Unit) -> int:
    """Frames that a unit's egos are planned to be driven over, the measure of its size."""
    return sum(ego.last - ego.first for record in unit.records for ego in record.egos)


def written(row: UnitRow) -> int:
    """Bytes of a finished unit."""
    return (row.shard.bytes if row.shard else 0) + sum(file.size for file in row.scenario_files)


class Disk:
    """Bytes so far, and what all units together will come to by the measure of those that are done."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._frames = {unit.name: frames(unit) for unit in units}
        self._done = self.written = 0

    def add(self, row: UnitRow) -> None:
        """One more unit is done."""
        self._done += self._frames[row.name]
        self.written += written(row)

    @property
    def expected(self) -> float:
        """Bytes of all units; 0 as long as none is done."""
        return self.written * sum(self._frames.values()) / max(self._done, 1)

    def __str__(self) -> str:
        return f"{size_text(self.written)} of about {size_text(self.expected)} written" if self._done else ""


def check_room(out: Path, forecast: Forecast) -> None:
    """Raise OutputError where what is to come does not fit on the disk."""
    free = shutil.disk_usage(out).free
    if free < forecast.bytes * TOO_LITTLE:
        raise OutputError(
            f"{out}: about {size_text(forecast.bytes)} will be written, and {size_text(free)} are free; make room, "
            "name an OUT on another disk, or convert less."
        )


def size_text(size: float) -> str:
    """Bytes for a reader: three digits and a unit."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 999.5:
            return f"{size:.3g} {unit}" if unit != "bytes" else f"{size:.0f} bytes"
        size /= 1000
    return f"{size:.3g} TB"
