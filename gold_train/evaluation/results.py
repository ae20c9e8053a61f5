"""An evaluation on disk: a row an episode as CSV, figures and comparisons as JSON; the same bytes each time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gold_data.errors import DatasetError, OutputError
from gold_train.environments.world import Task
from gold_train.evaluation.contenders import Contender
from gold_train.evaluation.metrics import Metrics, strata
from gold_train.evaluation.summary import EpisodeRow, OverSeeds, Pair, Stratum, by_stratum
from gold_train.settings import IqlRun

EPISODES, SUMMARY = "episodes.csv", "summary.json"
_PART = ".part"


@dataclass(frozen=True)
class Described:
    """A contender, where it comes from, and what it came to."""

    name: str
    kind: str  # of its training, or "anchor"
    sha256: str | None  # of its file
    step: int | None  # updates that it was trained for
    seed: int | None
    gain: float | None
    trained_on: str | None  # digest of the manifest
    run: str | None  # name of the folder that its file stands in
    checkpoint: str | None  # the file without its ending: best, last
    group: str | None  # what runs have in common that differ in their seed alone
    actor: str | None  # of an IQL student: awr, pathwise
    guide: str | None  # SHA-256 of its guide's file
    guide_kind: str | None  # of its guide's training
    parameters: int | None
    strata: dict[str, Stratum]
    refused: tuple[str, ...]  # "scenario/ego: why"

    @classmethod
    def of(cls, contender: Contender, rows: Sequence[EpisodeRow]) -> Described:
        """Say of a contender what its rows come to."""
        policy, file, group = contender.policy, contender.file, contender.group
        settings = None if policy is None else policy.settings
        return cls(
            name=contender.name,
            kind="anchor" if policy is None else policy.settings.kind,
            sha256=contender.sha256,
            step=None if policy is None else policy.step,
            seed=None if policy is None else policy.settings.training.seed,
            gain=contender.gain,
            trained_on=None if policy is None else policy.lineage.manifest,
            run=None if file is None else file.resolve().parent.name,
            checkpoint=None if file is None else file.stem,
            group=group,
            actor=settings.learner.actor if isinstance(settings, IqlRun) else None,
            guide=None if policy is None else policy.lineage.guide,
            guide_kind=None if policy is None else policy.lineage.guide_kind,
            parameters=None if policy is None else sum(part.numel() for part in policy.network.parameters()),
            strata=by_stratum(rows),
            refused=tuple(f"{row.task.scenario_id}/{row.task.ego_id}: {row.refused}" for row in rows if row.refused),
        )


@dataclass(frozen=True)
class Evaluation:
    """All that was found out on one split."""

    manifest: str  # digest of the dataset's
    split: str
    engine: str
    left_out: tuple[str, ...]  # scenario/ego whose route is too short to tell anything
    contenders: tuple[Described, ...]
    seeds: tuple[OverSeeds, ...]
    pairs: tuple[Pair, ...]


def make_folder(out: Path) -> None:
    """Make the folder for the results, before hours are spent on them. Raises OutputError where that cannot be."""
    with _telling(out):
        out.mkdir(parents=True, exist_ok=True)
        (out / _PART).touch()
        (out / _PART).unlink()


def write_evaluation(out: Path, evaluation: Evaluation, rows: Sequence[EpisodeRow]) -> None:
    """Write EPISODES and SUMMARY into a folder, each whole or not at all. Raises OutputError where that fails."""
    text = json.dumps(asdict(evaluation), indent=1, allow_nan=False) + "\n"
    with _telling(out):
        for name, content in ((EPISODES, _csv(rows)), (SUMMARY, text)):
            (out / _PART).write_text(content, encoding="utf-8", newline="")
            (out / _PART).replace(out / name)


def read_evaluation(folder: Path) -> tuple[Evaluation, list[EpisodeRow]]:
    """Read what `write_evaluation` wrote, all of it.

    Raises DatasetError for what is missing, damaged, or of a version that said less.
    """
    try:
        evaluation = _EVALUATION.validate_json((folder / SUMMARY).read_bytes())
        with (folder / EPISODES).open(encoding="utf-8", newline="") as file:
            return evaluation, [_row(cells) for cells in csv.DictReader(file)]
    except OSError as error:
        raise DatasetError(
            f"{folder}: holds no results ({error.strerror}: {error.filename}); name a folder that "
            "`gold-train evaluate` wrote"
        ) from error
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{folder}: its results cannot be read ({reason[:200]}); evaluate again") from error


@contextmanager
def _telling(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror}); choose another place") from error


def _csv(rows: Sequence[EpisodeRow]) -> str:
    text = io.StringIO()
    columns = ["contender", "scenario_id", "ego_id", "frames", "route_length", "turn", "cluster", "strata"]
    columns += [*(field.name for field in fields(Metrics)), "refused"]
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(_cells(row) for row in rows)
    return text.getvalue()


def _cells(row: EpisodeRow) -> dict[str, Any]:
    """Numbers as Python writes them: to the bit."""
    metrics = {} if row.metrics is None else asdict(row.metrics)
    told = {name: int(value) if isinstance(value, bool) else value for name, value in metrics.items()}
    kinds = ", ".join(strata(row.task))
    return asdict(row.task) | {"contender": row.contender, "strata": kinds, "refused": row.refused} | told


_EVALUATION = TypeAdapter(Evaluation)
_METRICS = TypeAdapter(Metrics)
_TASK = TypeAdapter(Task)


def _row(cells: dict[str, str]) -> EpisodeRow:
    """What `_cells` was made of; an empty cell is None."""
    told = {name: value or None for name, value in cells.items()}
    metrics = (
        None
        if told["refused"]
        else _METRICS.validate_python({field.name: told[field.name] for field in fields(Metrics)})
    )
    task = _TASK.validate_python({field.name: told[field.name] for field in fields(Task)})
    return EpisodeRow(str(told["contender"]), task, metrics, told["refused"])
