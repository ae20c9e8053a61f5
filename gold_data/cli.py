"""`gold-data`: one short function per command; it parses, calls and prints.

Exit codes: 0 done; 1 a check found what it looks for, or a job stopped and can be resumed; 2 wrong use or unusable
input, nothing written; 3 done, but damaged records were set aside; 130 interrupted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gold_data.errors import GoldDataError, SettingsError, StoppedError

app = typer.Typer(
    name="gold-data",
    help="Waymo Open Motion Dataset to return-to-go trajectories.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


@app.command()
def convert(
    sources: Annotated[
        list[str], typer.Argument(help="WOMD's TFRecords, ScenarioNet databases: files, folders, globs, URLs.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the dataset; must not exist, or be empty, but for --resume.")],
    train: Annotated[int | None, typer.Option(help="Scenarios to train on [default: 80 %].")] = None,
    validation: Annotated[int | None, typer.Option(help="Scenarios to validate on [default: 10 %].")] = None,
    test: Annotated[int | None, typer.Option(help="Scenarios to test on [default: 10 %].")] = None,
    split: Annotated[
        Path | None, typer.Option(help="JSON file of scenario ids by split, in the place of these counts.")
    ] = None,
    ego: Annotated[
        str, typer.Option(help="Who is driven: the `sdc`, also the others that are `moving`, or `all` vehicles.")
    ] = "sdc",
    demonstrations: Annotated[
        int | None, typer.Option(help="Disturbed drives an ego, from which it recovers [default: none].")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="What drives: `metadrive`, or `batched`, its twin, some 50 times faster.")
    ] = "metadrive",
    check_share: Annotated[
        float | None,
        typer.Option(help="Share of what `batched` drives that MetaDrive drives as well [default: 0.02]."),
    ] = None,
    end: Annotated[str, typer.Option(help="Episodes end on `arrival`, or with the `record`.")] = "arrival",
    scenarios: Annotated[bool, typer.Option("--scenarios", help="Also write the ScenarioNet database.")] = False,
    workers: Annotated[int | None, typer.Option(help="Processes [default: one a core; 0: this one].")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler to work on instead.")] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds that a scenario may take in the simulator.")] = 300.0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what was stopped in OUT, if anything.")] = False,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any other setting, see settings.py.")
    ] = None,
) -> None:
    """Make a dataset of trajectories from WOMD records."""
    from gold_data.conversion.job import convert as convert_records
    from gold_data.conversion.split import read_split
    from gold_data.conversion.stopping import Terminated
    from gold_data.settings import ConvertSettings, with_changes
    from gold_data.views.inspect import overview

    changes = dict(_pair(text) for text in change or [])
    named = {
        "split.train": train,
        "split.validation": validation,
        "split.test": test,
        "demonstrations.number": demonstrations,
        "check.share": check_share,
    }
    changes |= {name: str(value) for name, value in named.items() if value is not None}
    changes |= {"ego": ego, "engine": engine, "ends.end": end, "scenarios": str(scenarios)}
    settings = with_changes(ConvertSettings(), changes)
    if split is not None:
        settings = settings.model_copy(update={"split": settings.split.model_copy(update=read_split(split))})
    try:
        dataset = convert_records(
            sources,
            out,
            settings,
            workers=workers,
            scheduler=scheduler,
            time_limit=time_limit,
            resume=resume,
            console=_err,
        )
    except KeyboardInterrupt as asked:
        text = f"{out}: stopped; what is finished stays, and the same command with --resume goes on from there."
        raise StoppedError(text, 1 if isinstance(asked, Terminated) else 130) from None
    _out.print(overview(dataset), crop=False)
    check = dataset.manifest.engine_check
    if check is not None and check.beyond:
        _err.print(
            f"gold-data: {out}: the engines differ by more than they may in {', '.join(check.beyond)}, see "
            "engine_check in manifest.json; drive it with --engine metadrive, or allow more by --set check.NAME=VALUE.",
            soft_wrap=True,
            markup=False,
        )
        raise typer.Exit(1)
    if dataset.manifest.counts.records.damaged:
        raise typer.Exit(3)


@app.command()
def synth(
    out: Annotated[Path, typer.Argument(help="Folder for the TFRecords; must not exist, or be empty.")],
    scenarios: Annotated[int, typer.Option(min=1, help="How many scenarios.")] = 24,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    steps: Annotated[int, typer.Option(help="Steps of 0.1 s: 91 as in WOMD, 198 as in its training_20s.")] = 91,
    same_drive: Annotated[int | None, typer.Option(help="Windows of each drive, which overlap, 2 or more.")] = None,
) -> None:
    """Write records that look like WOMD's, to try things out and to test."""
    from gold_data.synth import synthesize

    for path in synthesize(out, scenarios, seed, steps=steps, same_drive=same_drive):
        _out.print(str(path), soft_wrap=True)


@app.command()
def inspect(
    dataset: Annotated[Path, typer.Argument(help="Folder that `gold-data convert` wrote.")],
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON, for scripts.")] = False,
) -> None:
    """Say what is in a dataset; no shard is opened."""
    from gold_data.shards import open_dataset
    from gold_data.views.contents import contents_json
    from gold_data.views.inspect import overview

    opened = open_dataset(dataset)
    if as_json:
        typer.echo(contents_json(opened))
    else:
        _out.print(overview(opened), crop=False)


@app.command()
def view(
    dataset: Annotated[Path, typer.Argument(help="Folder that `gold-data convert` wrote.")],
    episode: Annotated[str, typer.Argument(help="Number of the episode, from 0, or its scenario/ego.")],
    to: Annotated[Path, typer.Option(help="PNG file to write.")],
    source: Annotated[
        list[str] | None,
        typer.Option(help="Where the records are, for the map and the others [default: where they were converted]."),
    ] = None,
    step: Annotated[int | None, typer.Option(help="Step at which the others are shown [default: the middle].")] = None,
) -> None:
    """Draw an episode from above, with its speed, inputs and return-to-go below."""
    from gold_data.shards import open_dataset
    from gold_data.views.picture import draw_episode

    without = draw_episode(open_dataset(dataset), episode, to, source or [], step)
    if without:
        _err.print(f"gold-data: drawn without map and others: {without}", soft_wrap=True, markup=False)
    _out.print(str(to), soft_wrap=True, markup=False)


@app.command()
def find(
    scenario: Annotated[str, typer.Argument(help="Scenario id.")],
    sources: Annotated[
        list[str] | None, typer.Argument(help="Files, folders, globs or URLs [default: the current folder].")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Write the record as a TFRecord of its own, too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a place, for scripts.")] = False,
) -> None:
    """Say which file holds a scenario, and where in it; exit code 1 where none does."""
    from rich.progress import track

    from gold_data.sources import find_sources
    from gold_data.sources.search import cut_out, search
    from gold_data.views.places import nowhere, place_json, place_line

    files = find_sources(sources or ["."])
    shown = track(files, "Searching", console=_err, transient=True, disable=not _err.is_terminal)
    searched = [search(file, scenario) for file in shown]
    for file, one in zip(files, searched, strict=True):
        for damage in one.damaged:
            text = f"gold-data: {file.location}: {damage.length} bytes from byte {damage.offset} on: {damage.reason}"
            _err.print(text, soft_wrap=True, markup=False)
    found = [place for one in searched for place in one.found]
    for place in found:
        typer.echo(place_json(place) if as_json else place_line(place))
    if not found:
        near = [like for one in searched for like in one.near]
        _err.print(f"gold-data: {nowhere(scenario, len(files), near)}", soft_wrap=True, markup=False)
        raise typer.Exit(1)
    if to is not None:
        cut_out(found, to)


@app.command()
def replay_check(
    paths: Annotated[
        list[str], typer.Argument(metavar="OUT|SOURCE...", help="A dataset's folder, or records of any kind.")
    ],
    to: Annotated[Path | None, typer.Option(help="File for one JSON object a scenario and line.")] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Where a dataset's records are [default: where they were converted].")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes [default: one a core; 0: this one].")] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds that a scenario may take in the simulator.")] = 300.0,
) -> None:
    """Hold MetaDrive's log replay against the record, object by object; exit code 1 where they differ."""
    from gold_data.conversion.replay_check import replay_check as check
    from gold_data.conversion.replay_rows import UNUSABLE
    from gold_data.conversion.replay_table import replay_table

    summary = check(paths, to=to, sources=source or [], workers=workers, time_limit=time_limit, console=_err)
    _out.print(replay_table(summary), crop=False)
    if summary.found_something:
        raise typer.Exit(1)
    if summary.outcomes[UNUSABLE]:
        raise typer.Exit(3)


@app.command()
def parity(
    sources: Annotated[
        list[str], typer.Argument(help="WOMD's TFRecords, ScenarioNet databases: files, folders, globs, URLs.")
    ],
    to: Annotated[Path | None, typer.Option(help="File for one JSON object a scenario and line.")] = None,
    itself: Annotated[
        bool, typer.Option("--itself", help="MetaDrive against itself instead, each input a millionth off.")
    ] = False,
    workers: Annotated[int | None, typer.Option(help="Processes [default: one a core; 0: this one].")] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds that a scenario's four drives may take.")] = 300.0,
) -> None:
    """Hold the batched engine against MetaDrive, drive by drive; exit code 1 where a limit is missed."""
    from gold_data.conversion.parity_check import parity_check
    from gold_data.conversion.parity_limits import findings
    from gold_data.conversion.parity_rows import COMPARED, FAILED, UNUSABLE
    from gold_data.conversion.parity_table import parity_table
    from gold_data.errors import SourceError

    summary = parity_check(sources, to=to, itself=itself, workers=workers, time_limit=time_limit, console=_err)
    _out.print(parity_table(summary), crop=False)
    if summary.outcomes[FAILED] or any(finding.missed for finding in findings(summary)):
        raise typer.Exit(1)
    if not summary.outcomes[COMPARED]:
        raise SourceError(f"{', '.join(sources)}: nothing to drive; give records of at least 60 steps.")
    if summary.outcomes[UNUSABLE]:
        raise typer.Exit(3)


@app.command()
def report(
    dataset: Annotated[Path, typer.Argument(help="Folder that `gold-data convert` wrote.")],
    to: Annotated[Path, typer.Option(help="HTML file to write.")],
    source: Annotated[
        list[str] | None,
        typer.Option(help="Where the records are, for the scenes [default: where they were converted]."),
    ] = None,
) -> None:
    """Write a page on a dataset: counts, histograms, a scene of each rejection, episodes of each kind."""
    from gold_data.shards import open_dataset
    from gold_data.views.report import write_report

    for reason in write_report(open_dataset(dataset), to, source or []):
        _err.print(f"gold-data: {reason}", soft_wrap=True, markup=False)
    _out.print(str(to), soft_wrap=True, markup=False)


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(metavar="OUT|DATABASE", help="A dataset, or a ScenarioNet database.")],
    deep: Annotated[
        bool, typer.Option("--deep", help="Also compute again what a dataset holds, and look its records up.")
    ] = False,
    source: Annotated[
        list[str] | None, typer.Option(help="Where the records are, for --deep [default: where they were converted].")
    ] = None,
) -> None:
    """Hold every file of a dataset or a database against what is said of it; exit code 1 where they differ."""
    from gold_data.conversion.verification import is_database, verify_database, verify_dataset

    if is_database(path):
        verified = verify_database(path, _err)
    else:
        verified = verify_dataset(path, _err, deep=deep, sources=source or [])
    for finding in verified.findings:
        typer.echo(f"{finding.path}: {finding.what}")
    for reason in verified.left_out:
        _err.print(f"gold-data: left out {reason}", soft_wrap=True, markup=False)
    if verified.findings:
        raise typer.Exit(1)
    typer.echo(verified.well)


@app.command()
def trace(
    dataset: Annotated[Path, typer.Argument(metavar="OUT", help="Folder that `gold-data convert` wrote.")],
    episode: Annotated[int, typer.Option(min=0, help="Number of the episode, from 0.")],
    step: Annotated[int | None, typer.Option(min=0, help="One of its steps, from 0.")] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Where the records are [default: where they were converted].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON, for scripts.")] = False,
) -> None:
    """Say which bytes of which file a row was made from, and how; exit code 1 where these bytes are others now."""
    from gold_data.shards import open_dataset
    from gold_data.views.trace import trace as trace_row
    from gold_data.views.trace import trace_json, trace_lines

    found = trace_row(open_dataset(dataset), episode, step, source or [])
    typer.echo(trace_json(found) if as_json else "\n".join(trace_lines(found)))
    if found.record.fate == "changed":
        raise typer.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise SettingsError(f"--set {text}: write NAME=VALUE, as in --set acceptance.min_route=5")
    return name, value


def main() -> None:
    """Run a command; what the user can mend is one sentence on stderr and an exit code."""
    try:
        app()
    except GoldDataError as error:
        _err.print(f"gold-data: {error}", soft_wrap=True, markup=False)
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == 130:  # typer's answer to Ctrl-C, which says nothing
            text = "gold-data: interrupted; what was written so far is not whole, remove it and start again."
            _err.print(text, soft_wrap=True)
        raise
