"""Made-up scenarios against real ones: what they hold, what becomes of them, and what they cost.

Speed is measured on thousands of made-up scenarios, so they have to be like the real ones in what takes time. Each row
gives quantiles over scenarios (5, 25, 50, 75, 95 %) of those with 91 steps:

    benchmarks/synthetic.py [--scenarios N] [--drives N] [--seed N]

The real ones are WOMD's records in ../shared/womd or $GOLD_WOMD. Rules that need the drive, and milliseconds of CPU to
describe and to simulate, are those of `--drives` scenarios of each, spread evenly over those that can be driven.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from gold_data import ConvertSettings
from gold_data.replay import ContactOnLog, DriveJob, drive_job
from gold_data.scenarionet import DescriptionError
from gold_data.sources import Outline, Outlined, Source, find_sources, outlines, read_description
from gold_data.synth import synthesize
from gold_data.trajectories.acceptance import judge_drive
from gold_data.trajectories.egos import candidates
from gold_data.womd.messages import Crosswalk, Driveway, Lane, RoadEdge, RoadLine, Scenario, SpeedBump, StopSign
from gold_data.womd.scenario import decode
from gold_data.womd.tfrecord import Frame

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[2] / "shared" / "womd"))
STEPS = 91
TYPES = {1: "vehicles", 2: "pedestrians", 3: "cyclists"}
MOVES = 3.0
"""Metres between first and last position from which an object counts as moving."""

TURNS = 0.5
"""Radians by which an ego's heading changes from which it counts as turning."""

QUANTILES = (5, 25, 50, 75, 95)


@dataclass
class Measured:
    """Some scenarios: figures by name, one a scenario, why egos are rejected, and how many there are."""

    figures: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    rules: Counter[str] = field(default_factory=Counter)
    driven: int = 0
    count: int = 0


def main() -> None:
    """Measure both and print the table."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--scenarios", type=int, default=200)
    arguments.add_argument("--drives", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    if not WOMD.is_dir():
        raise SystemExit(f"{WOMD} is not there: set GOLD_WOMD to a folder of WOMD scenario TFRecords")
    with tempfile.TemporaryDirectory() as folder:
        begin = process_time()
        synthesize(Path(folder) / "synthetic", given.scenarios, given.seed)
        seconds = process_time() - begin
        made_up = measure(f"{folder}/synthetic", given.drives)
    real = measure(str(WOMD), given.drives)
    console = Console(width=120)
    console.print(table(real, made_up))
    for name, measured in (("real", real), ("made up", made_up)):
        early = measured.rules.total() - measured.driven
        console.print(
            f"{name}: {measured.count} scenarios; the record alone rejects {early}: {_counts(measured, early=True)}"
        )
        console.print(f"{name}: of {measured.driven} driven: {_counts(measured, early=False)}")
    console.print(f"made up and written: {given.scenarios / seconds:.1f} scenarios a second of CPU")


def measure(path: str, drives: int) -> Measured:
    """The scenarios of a folder that have 91 steps."""
    measured = Measured()
    drivable: list[tuple[Source, Outlined, str]] = []
    for source, found, scenario in _scenarios(path):
        measured.count += 1
        for name, value in (_contents(scenario) | _motion(found.outline)).items():
            measured.figures[name].append(value)
        measured.figures["kilobytes"].append(found.length / 1000)
        (ego,) = candidates(found.outline, ConvertSettings()).egos
        if ego.rejection:
            measured.rules[ego.rejection.rule] += 1
        else:
            drivable.append((source, found, ego.ego_id))
    for place in np.unique(np.linspace(0, len(drivable) - 1, min(drives, len(drivable))).astype(int)):
        _drive(measured, *drivable[place])
    return measured


def table(real: Measured, made_up: Measured) -> Table:
    """Both side by side, with the ratio of the medians."""
    shown = Table(
        title=f"{real.count} real and {made_up.count} made-up scenarios of {STEPS} steps", title_justify="left"
    )
    shown.add_column("")
    shown.add_column("real 5/25/50/75/95 %", justify="right")
    shown.add_column("made up", justify="right")
    shown.add_column("medians", justify="right")
    shown.add_column("means", justify="right")
    for name, values in made_up.figures.items():
        ours, theirs = np.array(values), np.array(real.figures[name])
        ratios = [
            f"{a / b:.2f}" if b else "" for a, b in ((np.median(ours), np.median(theirs)), (ours.mean(), theirs.mean()))
        ]
        shown.add_row(name, _quantiles(theirs), _quantiles(ours), *ratios)
    return shown


def _scenarios(path: str) -> Iterator[tuple[Source, Outlined, Scenario]]:
    for source in find_sources([path]):
        file = Path(source.location).read_bytes()
        for found in outlines(source):
            if isinstance(found, Outlined) and found.outline.states.shape[1] == STEPS:
                yield source, found, decode(Frame(found.offset, found.length, found.crc).data(file))


def _contents(scenario: Scenario) -> dict[str, float]:
    features = Counter(type(feature) for feature in scenario.map_features)
    lines = [feature for feature in scenario.map_features if isinstance(feature, Lane | RoadEdge | RoadLine)]
    kinds = (Lane, RoadEdge, RoadLine, StopSign, Crosswalk, SpeedBump, Driveway)
    return {
        "map points": sum(len(feature.polyline) for feature in lines),
        **{f"{kind.__name__} features": features[kind] for kind in kinds},
        "lights": max(len(step) for step in scenario.dynamic_map_states),
        "tracks to predict": len(scenario.tracks_to_predict),
    }


def _motion(outline: Outline) -> dict[str, float]:
    position = np.stack([outline.states["center_x"], outline.states["center_y"]], axis=-1)
    speed = np.hypot(outline.states["velocity_x"], outline.states["velocity_y"]).astype(np.float64)
    valid = outline.states["valid"]
    moved = np.array([_ends_apart(own[there]) for own, there in zip(position, valid, strict=True)])
    kinds = np.array([{"VEHICLE": 1, "PEDESTRIAN": 2, "CYCLIST": 3}.get(kind, 0) for kind in outline.kinds])
    cars = (kinds == 1) & (moved > MOVES)
    ego = outline.sdc if outline.sdc is not None else -1
    there = valid[ego]
    headings = np.unwrap(outline.states["heading"][ego][there].astype(np.float64))
    return {
        "objects": len(kinds),
        **{name: int((kinds == kind).sum()) for kind, name in TYPES.items()},
        "moving objects": int((moved > MOVES).sum()),
        **{f"moving {name}": int(((kinds == kind) & (moved > MOVES)).sum()) for kind, name in TYPES.items()},
        "share of steps seen": float(valid.mean()),
        "route of the ego, m": float(np.linalg.norm(np.diff(position[ego][there], axis=0), axis=1).sum()),
        "ego turns, share": float(np.ptp(headings) > TURNS),
        "speed of the ego, median, m/s": float(np.median(speed[ego][there])),
        "speed of the ego, 95 %, m/s": float(np.percentile(speed[ego][there], 95)),
        "speed of moving cars, median, m/s": float(np.median(speed[cars][valid[cars]])) if cars.any() else 0.0,
        "speed of moving cars, 95 %, m/s": float(np.percentile(speed[cars][valid[cars]], 95)) if cars.any() else 0.0,
    }


def _ends_apart(points: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(points[-1] - points[0])) if len(points) else 0.0


def _drive(measured: Measured, source: Source, found: Outlined, ego: str) -> None:
    """Describe and drive one ego, add what it takes in ms and what becomes of it."""
    settings = ConvertSettings()
    measured.driven += 1
    begin = process_time()
    try:
        description = read_description(source, found.offset, found.crc)
    except DescriptionError:
        measured.rules["not_describable"] += 1
        return
    described = process_time()
    result = drive_job(DriveJob(description, ego, settings), lambda step: None)
    ended = process_time()
    measured.figures["ms to describe"].append(1000 * (described - begin))
    measured.figures["ms to simulate"].append(1000 * (ended - described))
    if isinstance(result, ContactOnLog):
        measured.rules["contact_on_log"] += 1
    else:
        rejection = judge_drive(result.rollout, settings.acceptance)
        measured.rules[rejection.rule if rejection else "kept"] += 1


def _quantiles(values: NDArray[np.float64]) -> str:
    digits = 0 if np.median(values) >= 20 else 1 if values.max() > 1 else 2
    return "  ".join(f"{value:.{digits}f}" for value in np.percentile(values, QUANTILES))


def _counts(measured: Measured, *, early: bool) -> str:
    before = {"too_short", "bad_heading", "parked", "pose_jump", "no_map"}
    return ", ".join(f"{rule} {n}" for rule, n in measured.rules.most_common() if (rule in before) == early) or "none"


if __name__ == "__main__":
    main()
