"""Results and runs -> table.md, table.json and the figures, in a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gold_data import open_dataset
from gold_data.errors import DatasetError, GoldDataError, OutputError, SettingsError
from gold_data.shards import write_whole_file
from gold_train.environments.driving import DrivingWorld
from gold_train.environments.opening import world_of
from gold_train.errors import CheckpointError
from gold_train.evaluation.summary import EpisodeRow
from gold_train.report.claims import Decided, decide
from gold_train.report.curve import Curve, read_curve
from gold_train.report.curves_picture import draw_curves
from gold_train.report.evidence import OFFLINE, Evidence, read_bench
from gold_train.report.groups import Group, Results, read_results
from gold_train.report.line import Line, line_of_anchor
from gold_train.report.page import page
from gold_train.report.plane_picture import draw_plane
from gold_train.report.scene import Driver, drive_scene, telling_scene
from gold_train.report.scene_picture import draw_two

TABLE, NUMBERS = "table.md", "table.json"
PLANE, CURVES, SCENE = "plane.png", "curves.png", "scene.png"
CHECKPOINTS = ("best", "last")


@dataclass(frozen=True)
class Report:
    """What was made, and what could not be."""

    results: Results
    lines: tuple[Line, ...]
    claims: tuple[Decided, ...]
    files: tuple[Path, ...]
    left_out: tuple[str, ...]  # why a figure is not there


@dataclass(frozen=True)
class SceneAsked:
    """Where the scenes of the results are, and which one is drawn; without one, the first that tells two apart."""

    dataset: Path
    sources: tuple[str, ...] = ()
    name: str | None = None  # scenario/ego


def report(
    runs: Sequence[Path],
    results: Sequence[Path],
    out: Path,
    *,
    benches: Sequence[Path] = (),
    scene: SceneAsked | None = None,
) -> Report:
    """Write table.md, table.json, plane.png, and where there is what they are made of, curves.png and scene.png.

    `results` are folders of `gold-train evaluate`, of one split in one engine; `runs` folders of trainings, for their
    learning curves and for the policies that drive the scene again. Raises DatasetError, SettingsError or
    CheckpointError for what cannot be read or compared, OutputError for what cannot be written.
    """
    for run in runs:
        if not run.exists():
            raise CheckpointError(f"{run}: there is no such run; name a folder that `gold-train` trained in")
    found = read_results(results)
    curves = [curve for run in runs if run.is_dir() and (curve := read_curve(run)) is not None]
    evidence = Evidence(found.groups, tuple(curves), tuple(read_bench(path) for path in benches))
    lines = tuple(evidence.lines.values())
    anchors = [line_of_anchor(anchor) for anchor in found.anchors]
    claims = tuple(one for checkpoint in _checkpoints(found) for one in decide(evidence, checkpoint))
    place = f"{found.split} split, {found.engine}"
    pictures = {PLANE: draw_plane(lines, place)}
    left_out = []
    if curves:
        pictures[CURVES] = draw_curves(curves)
    else:
        left_out.append(f"{CURVES}: no run is given that drove validation scenes")
    try:
        pictures[SCENE] = _scene(found, runs, scene)
    except GoldDataError as error:
        left_out.append(f"{SCENE}: {error}")
    text = page(found, lines, anchors, claims)
    text += "\n## Figures\n\n" + "\n\n".join(f"![{name.partition('.')[0]}]({name})" for name in pictures) + "\n"
    contents = {
        TABLE: text.encode(),
        NUMBERS: (json.dumps(_numbers(found, lines, anchors, claims, curves), indent=1) + "\n").encode(),
        **pictures,
    }
    _write(out, contents)
    return Report(found, lines, claims, tuple(out / name for name in contents), tuple(left_out))


def _checkpoints(results: Results) -> list[str]:
    """The best, and the last where students' last were driven too."""
    there = {group.checkpoint for group in results.groups if group.algorithm.kind not in OFFLINE}
    return [name for name in CHECKPOINTS if name == "best" or name in there]


def _numbers(
    results: Results, lines: Sequence[Line], anchors: Sequence[Line], claims: Sequence[Decided], curves: Sequence[Curve]
) -> dict[str, Any]:
    return {
        "manifest": results.manifest,
        "split": results.split,
        "engine": results.engine,
        "lines": [_told(line) for line in lines],
        "anchors": [_told(line) for line in anchors],
        "claims": [asdict(one) for one in claims],
        "curves": [
            {
                "run": curve.run.name,
                "algorithm": curve.algorithm.name,
                "steps": curve.steps.tolist(),
                "minutes": curve.minutes.tolist(),
                **{name: values.tolist() for name, values in curve.figures.items()},
            }
            for curve in curves
        ],
        "refused": list(results.refused),
    }


def _told(line: Line) -> dict[str, Any]:
    told = asdict(line)
    algorithm = line.algorithm
    told["algorithm"] = None if algorithm is None else {**asdict(algorithm), "column": algorithm.column}
    told["paper"] = None if algorithm is None or algorithm.paper is None else asdict(algorithm.paper)
    return told


def _scene(results: Results, runs: Sequence[Path], asked: SceneAsked | None) -> bytes:
    """Raises SettingsError for what is lacking, and what driving raises."""
    if asked is None:
        raise SettingsError("no dataset is given whose scenes can be driven again (--dataset)")
    files = _files(runs)
    first, second = _two(results.groups, files)
    dataset = open_dataset(asked.dataset)
    if dataset.digest != results.manifest:
        raise DatasetError(
            f"{asked.dataset}: is not the dataset of the results, {results.manifest[:12]}; give that one"
        )
    world = world_of(dataset, results.split, engine=results.engine, sources=asked.sources)
    if not isinstance(world, DrivingWorld):
        raise SettingsError(f"{asked.dataset}: the toy has no map to draw")
    chosen, why = (asked.name, "") if asked.name else _told_apart(first.runs[0].rows, second.runs[0].rows)
    names = [f"{task.scenario_id}/{task.ego_id}" for task in world.tasks]
    if chosen not in names:
        raise SettingsError(f"--scene {chosen}: split {results.split} has no such scene; name one as scenario/ego.")
    number = names.index(chosen)
    drivers = [_driver(group, files) for group in (first, second)]
    paths = drive_scene(world, number, drivers, results.engine)
    return draw_two(world.scenes[number], paths, f"{results.split} split, {results.engine}", why)


def _driver(group: Group, files: dict[str, Path]) -> Driver:
    """The first seed of a group."""
    told = group.runs[0].told
    return Driver(f"{group.name}, seed {told.seed}", files[str(told.sha256)], told.gain)


def _two(groups: Sequence[Group], files: dict[str, Path]) -> tuple[Group, Group]:
    """The last best of the table, and who guided it or stands before it, among those whose first seed has a file."""
    there = [group for group in groups if group.checkpoint == "best" and group.runs[0].told.sha256 in files]
    if len(there) < 2:
        raise SettingsError("fewer than two policies of the results are among the runs that are given")
    guides = [group for group in there if group.name == there[-1].guide]
    return there[-1], (guides or there[-2:])[0]


def _files(runs: Sequence[Path]) -> dict[str, Path]:
    """Policies' files by their SHA-256."""
    paths = [path for run in runs for path in (sorted(run.glob("*.safetensors")) if run.is_dir() else [run])]
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in paths if path.is_file()}


def _told_apart(first: Sequence[EpisodeRow], second: Sequence[EpisodeRow]) -> tuple[str, str]:
    """The scene's name, and why it is this one."""
    found = telling_scene(first, second)
    if found is None:
        raise SettingsError("the two policies drove no scene in common")
    return "/".join(found[0]), found[1]


def _write(out: Path, contents: dict[str, bytes]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot be made ({error.strerror}); choose another place") from error
    for name, content in contents.items():
        write_whole_file(out / name, content)
