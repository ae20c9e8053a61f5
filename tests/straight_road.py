"""Small WOMD records: an ego that drives along a straight road, each in a place of its own."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gold_data.settings import AcceptanceSettings, ConvertSettings
from gold_data.synth.records import encode
from gold_data.womd.messages import STATE, Lane, MapFeature, RoadEdge, Scenario, Track
from gold_data.womd.tfrecord import write_records

STEPS = 30
EGO = 7

QUICK = ConvertSettings(unit=2, scenarios=True, acceptance=AcceptanceSettings(min_steps=20))
"""Settings under which a record of `STEPS` steps is long enough, in units of two."""


def states(
    x: NDArray[np.float64], y: float, z: float, speed: float, size: tuple[float, float, float] = (4.6, 1.9, 1.6)
) -> NDArray[np.void]:
    """States of a car that drives along x."""
    made = np.zeros(len(x), STATE)
    length, width, height = size
    columns = {"center_x": x, "center_y": y, "center_z": z, "velocity_x": speed, "valid": True}
    for name, values in {**columns, "length": length, "width": width, "height": height}.items():
        made[name] = values
    return made


def straight_scenario(
    name: str,
    *,
    steps: int = STEPS,
    speed: float = 10.0,
    place: str | None = None,
    first: int = 0,
    obstacle: bool = False,
) -> Scenario:
    """An ego at constant speed (m/s) beside a parked car, on a road that `place` (by default the name) alone decides.

    `first` is the step of that place's drive at which the record begins; an `obstacle` stands on the ego's way.
    """
    seed = zlib.crc32((place or name).encode())
    east, north = 20.0 * (seed % 997), 20.0 * (seed // 997 % 997)
    x = east + speed * 0.1 * np.arange(first, first + steps, dtype=np.float64)
    others = [Track(3, 1, states(np.full(steps, east + 15.0), north + 6.0, 0.8, 0.0))]
    if obstacle:
        others.append(Track(4, 1, states(np.full(steps, east + 12.0), north, 0.8, 0.0)))
    tracks = (*others, Track(EGO, 1, states(x, north, 0.8, speed)))
    return Scenario(
        scenario_id=name,
        timestamps_seconds=np.arange(steps) / 10,
        current_time_index=min(10, steps - 1),
        tracks=tracks,
        dynamic_map_states=tuple(np.zeros(0, [("lane", "i8"), ("state", "i4"), ("stop_point", "f8", (3,))]) for _ in x),
        map_features=_road(east, north),
        sdc_track_index=len(tracks) - 1,
        objects_of_interest=(),
        tracks_to_predict=(),
    )


def straight_record(name: str, **choices: int | float | str) -> bytes:
    """The same as a record's bytes."""
    return encode(straight_scenario(name, **choices))  # type: ignore[arg-type]


def write_source(path: Path, records: Sequence[bytes], damaged: Sequence[int] = ()) -> Path:
    """A TFRecord file in which the last byte of the data of the records in `damaged` is another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_records(path, records)
    content = bytearray(path.read_bytes())
    for number in damaged:
        content[sum(len(record) + 16 for record in records[: number + 1]) - 5] ^= 1
    path.write_bytes(content)
    return path


def _road(east: float, north: float) -> tuple[MapFeature, ...]:
    """Two lanes beside each other between two kerbs."""
    ahead = east + np.arange(-20.0, 140.0, 2.0)

    def line(left: float) -> NDArray[np.float64]:
        return np.column_stack([ahead, np.full(len(ahead), north + left), np.zeros(len(ahead))])

    lanes = (Lane(number, 30.0, 2, False, line(left), (), (), (), (), (), ()) for number, left in ((1, 0.0), (2, 3.5)))
    return (*lanes, RoadEdge(5, 1, line(-8.0)), RoadEdge(6, 1, line(12.0)))


def write_small_sources(folder: Path, backwards: bool = False) -> list[str]:
    """Folders `training` and `more` in which every fate of a record is met; written in that order or the other.

    Of 12 records one is damaged, one comes twice, and ten are scenarios: one is parked, one too short, one names no
    ego, one touches an obstacle, and six are kept, of which "0a" and "0b" are of one drive.
    """
    first = [straight_record("0a", place="one"), straight_record("0b", place="one", first=12), straight_record("0c")]
    second = [
        straight_record("0d"),
        straight_record("0e", speed=0.1),
        straight_record("0f"),
        straight_record("10", steps=9),
    ]
    third = [
        straight_record("11", obstacle=True),
        straight_record("0c"),
        encode(nobody()),
        straight_record("13", speed=12.0),
    ]
    files = [
        ("training/part.tfrecord-00000-of-00002", first, ()),
        ("training/part.tfrecord-00001-of-00002", [*second, straight_record("14")], (2,)),
        ("more/part.tfrecord-00000-of-00001", third, ()),
    ]
    for name, records, damaged in reversed(files) if backwards else files:
        write_source(folder / name, records, damaged)
    return [str(folder / "training"), str(folder / "more")]


def nobody() -> Scenario:
    """A record whose index names no ego."""
    return replace(straight_scenario("12"), sdc_track_index=-1)
