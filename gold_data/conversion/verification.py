"""`gold-data verify`: a dataset or a ScenarioNet database held against what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from gold_data.conversion.plan_check import check_plan, read_plan
from gold_data.conversion.progress import tally
from gold_data.conversion.source_check import check_sources
from gold_data.errors import DatasetError, SourceError
from gold_data.scenarionet.database import MAPPING_FILE, SUMMARY_FILE
from gold_data.settings import ConvertSettings
from gold_data.shards import Dataset, open_dataset, verify
from gold_data.shards.difference import Difference
from gold_data.shards.manifest import DIGESTS, MANIFEST, all_files
from gold_data.shards.recount import recount
from gold_data.shards.verify import RUN
from gold_data.sources import find_sources
from gold_data.sources.database_check import check_database
from gold_data.views.small_files import read_object


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: the `path` of a file, or a place in one, and what is wrong with it."""

    path: str
    what: str


@dataclass(frozen=True)
class Verified:
    """What came of it: what was found or, where that is nothing, `well` in one sentence.

    `left_out` says what could not be looked at, and why.
    """

    findings: tuple[Finding, ...]
    well: str
    left_out: tuple[str, ...] = ()


def is_database(root: Path) -> bool:
    """Whether a folder is a ScenarioNet database, and no dataset that may hold one."""
    return (root / SUMMARY_FILE).exists() and not any((root / name).exists() for name in (MANIFEST, DIGESTS))


def verify_database(root: Path, console: Console) -> Verified:
    """Open every file of a ScenarioNet database, safely, and hold it against the summary."""
    files = sum(1 for path in root.rglob("*.pkl") if path.name not in (SUMMARY_FILE, MAPPING_FILE))
    with tally("Opening", files, "files", console) as progress:
        check = check_database(root, lambda path: progress.add("files"))
    findings = tuple(Finding(fault.path, fault.reason) for fault in check.faults)
    return Verified(findings, f"{root}: {check.scenarios:,} scenarios; every file opens and is as it is listed.")


def verify_dataset(root: Path, console: Console, *, deep: bool = False, sources: Sequence[str] = ()) -> Verified:
    """Hold each file of a dataset against its digest and, where it is whole and `deep` is asked for, all that it holds.

    `sources` are where its records are; where none are given, those of its run.json, if they are there. Raises
    DatasetError where there is no manifest that can be read, SourceError where given sources cannot be.
    """
    try:
        expected = len(all_files(open_dataset(root).manifest))
    except DatasetError:
        expected = 0  # the check itself says what is wrong with the manifest
    with tally("Hashing", expected, "files", console) as progress:
        problems = verify(root, lambda name: progress.add("files"))
    if problems:
        left = ("the deep check: it stands on whole files",) if deep else ()
        return Verified(tuple(Finding(one.path, f"{one.kind}: {one.detail}") for one in problems), "", left)
    dataset = open_dataset(root)
    counts = dataset.manifest.counts
    well = (
        f"{root}: {expected:,} files, {len(dataset.manifest.shards):,} shards, {counts.episodes:,} episodes, "
        f"{counts.steps:,} steps, all as in the manifest {dataset.digest}"
    )
    if not deep:
        return Verified((), well)
    left_out: list[str] = []
    findings = tuple(_deep(dataset, sources, left_out, console))
    return Verified(findings, f"{well}; all that was computed again is the same", tuple(left_out))


def _deep(dataset: Dataset, sources: Sequence[str], left_out: list[str], console: Console) -> Iterator[Finding]:
    with tally("Recomputing", len(dataset.manifest.shards), "shards", console) as progress:
        yield from _told(recount(dataset, lambda name: progress.add("shards")))
    plan = read_plan(dataset.root)
    if plan is None:
        left_out.append("plan and sources: the dataset was not converted from records")
        return
    yield from _told(check_plan(dataset, plan))
    if (dataset.root / "scenarios").is_dir():
        for fault in check_database(dataset.root / "scenarios").faults:
            yield Finding(f"scenarios/{fault.path}", fault.reason)
    named = sources or read_object(dataset.root / RUN).get("sources", ())
    if not named:
        left_out.append(f"the records: {RUN} does not say where they were; give --source")
        return
    try:
        found = find_sources(named)
    except SourceError as error:
        if sources:
            raise
        left_out.append(f"the records: {error}")
        return
    settings = ConvertSettings.model_validate_json((dataset.root / "settings.json").read_bytes())
    with tally("Reading", len(plan.sources), "files", console) as progress:
        yield from _told(check_sources(plan, found, settings, lambda name: progress.add("files")))


def _told(differences: Iterable[Difference]) -> Iterator[Finding]:
    for one in differences:
        yield Finding(one.place, f"{one.stored} is there, {one.due} is due")
