"""`gold-train`: one short function per command; it parses, calls and prints.

Exit codes: 0 done; 1 stopped and saved, the same command goes on; 2 wrong use or unusable input; 3 done, but scenes
that could not be driven were set aside; 130 interrupted, saved where the command can go on.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from gold_data.errors import GoldDataError, SettingsError

if TYPE_CHECKING:
    from gold_train.settings import OfflineRun

app = typer.Typer(
    name="gold-train",
    help="Policies from datasets of gold-data.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)

_Dataset = Annotated[Path, typer.Argument(help="Folder that `gold-data convert` or `gold-train toy` wrote.")]
_Run = Annotated[Path, typer.Option("--out", help="Folder for the run; where one was stopped, it goes on.")]
_Sources = Annotated[
    list[str] | None,
    typer.Option("--source", help="Where the records are, to drive [default: where they were converted]."),
]
_Blocks = Annotated[
    str | None, typer.Option(help="Observation blocks that it reads, in order, with commas between [default: all].")
]
_Steps = Annotated[int | None, typer.Option(help="Updates [default: 100000].")]
_Seed = Annotated[int, typer.Option(min=0, help="Of weights, dropout and the order of the data.")]
_Device = Annotated[str, typer.Option(help="`cpu`, `cuda`, or `auto`: CUDA where there is one.")]
_Online = Annotated[
    int | None,
    typer.Option("--online-demonstrations", metavar="DRIVES", help="Train on so many fresh drives of the tracker."),
]
_Change = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any other setting, see settings/.")
]


@app.command()
def dt(
    dataset: _Dataset,
    run: _Run,
    preset: Annotated[str, typer.Option(help="Size: toy, paper, x10, large or gpt2.")] = "paper",
    blocks: _Blocks = None,
    steps: _Steps = None,
    seed: _Seed = 0,
    device: _Device = "auto",
    online: _Online = None,
    source: _Sources = None,
    change: _Change = None,
) -> None:
    """Train a Decision Transformer, the guide."""
    from gold_train.settings import transformer_run

    _train(dataset, run, transformer_run(preset), blocks, steps, seed, device, online, source, change)


@app.command()
def bc(
    dataset: _Dataset,
    run: _Run,
    blocks: _Blocks = None,
    steps: _Steps = None,
    seed: _Seed = 0,
    device: _Device = "auto",
    online: _Online = None,
    source: _Sources = None,
    change: _Change = None,
) -> None:
    """Train the student's network to do what the expert did: behaviour cloning."""
    from gold_train.settings import CloningRun

    _train(dataset, run, CloningRun(), blocks, steps, seed, device, online, source, change)


@app.command()
def distill(
    dataset: _Dataset,
    run: _Run,
    guide: Annotated[
        str, typer.Option(metavar="RUN|none", help="Who drives ahead: a run, a policy's file, or none to learn alone.")
    ],
    backbone: Annotated[str, typer.Option(help="What the student learns by: `iql` or `cvpo`.")] = "iql",
    preset: Annotated[str, typer.Option(help="Sizes and settings: paper or toy.")] = "paper",
    begin_with: Annotated[
        Path | None, typer.Option(metavar="RUN", help="A clone of `gold-train bc` that the student begins as.")
    ] = None,
    engine: Annotated[str, typer.Option(help="What drives: `batched` or `metadrive`.")] = "batched",
    blocks: _Blocks = None,
    steps: Annotated[int | None, typer.Option(help="Environment steps [default: 1000000].")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of weights, noise, order of scenes and batches.")] = 0,
    device: _Device = "auto",
    source: _Sources = None,
    change: _Change = None,
) -> None:
    """Train a light student in the scenes of a dataset, guided at first or alone: guided online distillation."""
    from gold_data.settings import with_changes
    from gold_train.online.job import distill as train_student
    from gold_train.settings import online_run

    named = {"data.blocks": blocks, "training.steps": steps}
    given = {name: str(value) for name, value in named.items() if value is not None}
    given |= {"training.seed": str(seed), "training.device": device, "training.engine": engine}
    given |= dict(_pair(text) for text in change or [])
    best = train_student(
        dataset,
        None if guide == "none" else Path(guide),
        run,
        with_changes(online_run(backbone, preset), given),
        begin_with=begin_with,
        sources=source or [],
        console=_err,
    )
    _out.print(str(best), soft_wrap=True, markup=False)


@app.command()
def toy(
    out: Annotated[Path, typer.Argument(help="Folder for the dataset; must not exist.")],
    train: Annotated[int, typer.Option(min=1, help="Episodes to train on.")] = 150,
    validation: Annotated[int, typer.Option(min=0, help="Scenes to choose a checkpoint on.")] = 50,
    test: Annotated[int, typer.Option(min=0, help="Scenes to report on.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
) -> None:
    """Write a dataset of the toy, a point pushed past a hazard, to try things out in seconds and to test."""
    from gold_train.environments.toy_dataset import ToySettings, write_toy

    dataset = write_toy(out, ToySettings(train=train, validation=validation, test=test, seed=seed))
    _out.print(f"{out}: {dataset.manifest.counts.episodes} episodes", soft_wrap=True, markup=False)


@app.command()
def evaluate(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="[RUN]... DATASET", help="Folders of runs, or files of policies; then the dataset."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for episodes.csv and summary.json.")],
    split: Annotated[str, typer.Option(help="Whose scenes are driven.")] = "test",
    engine: Annotated[
        str, typer.Option(help="What drives: `batched`, or `metadrive`, in which results are reported.")
    ] = "batched",
    gain: Annotated[
        list[float] | None, typer.Option(help="Times the usual target that a guide is asked for; may be repeated.")
    ] = None,
    anchors: Annotated[
        bool, typer.Option("--anchors/--no-anchors", help="Also the record, its tracker, constant speed, zero action.")
    ] = True,
    environments: Annotated[int, typer.Option(help="Scenes driven at once in the batched engine.")] = 64,
    workers: Annotated[int | None, typer.Option(help="Processes with a MetaDrive each [default: one a core].")] = None,
    device: _Device = "auto",
    threads: Annotated[int, typer.Option(help="Of torch on the CPU, in the batched engine.")] = 1,
    time_limit: Annotated[float, typer.Option(help="Seconds that a scene may take in MetaDrive.")] = 300.0,
    source: _Sources = None,
) -> None:
    """Drive each scene of a split once with policies and anchors, and compare; exit code 3 where a scene is refused."""
    from gold_train.evaluation.job import Resources, cores
    from gold_train.evaluation.job import evaluate as evaluate_runs
    from gold_train.evaluation.table import evaluation_table

    *runs, dataset = paths
    resources = Resources(environments, cores() if workers is None else workers, device, threads, time_limit)
    evaluation = evaluate_runs(
        runs,
        dataset,
        out,
        split=split,
        engine=engine,
        sources=source or [],
        gains=gain or [],
        anchors=anchors,
        resources=resources,
        console=_err,
    )
    _out.print(evaluation_table(evaluation), crop=False)
    if any(one.refused for one in evaluation.contenders):
        raise typer.Exit(3)


@app.command()
def bench(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[RUN]...", help="Folders of runs, or files of policies.")
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option(help="Guide of this size, untrained; may be repeated [default, without RUN: paper, x10, large]."),
    ] = None,
    observation_size: Annotated[
        int | None,
        typer.Option(min=1, help="Numbers in an observation of what is untrained [default: the first RUN's, or 161]."),
    ] = None,
    device: _Device = "cpu",
    threads: Annotated[int, typer.Option(min=1, help="Of torch on the CPU.")] = 1,
    to: Annotated[Path | None, typer.Option(help="JSON file to write, with all repeats.")] = None,
) -> None:
    """Count parameters and time 100 actions, one observation at a time: guides beside the student's network."""
    from gold_train.bench import bench as measure
    from gold_train.bench import describe, size_of, table, untrained, write_rows
    from gold_train.checkpoint import load_policy
    from gold_train.runs.device import device_of

    sizes = preset or ([] if paths else ["paper", "x10", "large"])
    runs = {str(path): load_policy(path) for path in paths or []}
    size = observation_size or next(map(size_of, runs.values()), 161)
    policies = untrained(sizes, size) | runs
    place = device_of(device)
    rows, where = measure(policies, place, threads), describe(place, threads)
    if to is not None:
        write_rows(to, rows, where)
    _out.print(table(rows, where), crop=False)


@app.command("table")
def table_of_results(
    results: Annotated[list[Path], typer.Option(help="Folder that `evaluate` wrote; may be repeated.")],
    out: Annotated[Path, typer.Option(help="Folder for table.md, table.json and the figures.")],
    runs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[RUN]...", help="Runs' folders: learning curves, and who drives the scene again."),
    ] = None,
    benches: Annotated[
        list[Path] | None, typer.Option("--bench", help="What `bench --to` wrote; may be repeated.")
    ] = None,
    dataset: Annotated[
        Path | None, typer.Option(help="Whose scenes were driven: one is driven again and drawn from above.")
    ] = None,
    scene: Annotated[
        str | None, typer.Option(help="Which, as scenario/ego [default: the first that the two end differently].")
    ] = None,
    source: _Sources = None,
) -> None:
    """The paper's driving row beside ours, its claims held against our results, and figures."""
    from gold_train.report.job import SceneAsked, report
    from gold_train.report.shown import shown

    asked = None if dataset is None else SceneAsked(dataset, tuple(source or ()), scene)
    made = report(runs or [], results, out, benches=benches or [], scene=asked)
    _out.print(shown(made.results, made.lines, made.claims), crop=False)
    for path in made.files:
        _out.print(str(path), soft_wrap=True, markup=False)
    for said in made.left_out:
        _err.print(f"left out, {said}", soft_wrap=True, markup=False)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="Folder of a student's run, or file of a policy.")],
    out: Annotated[Path, typer.Option(help="Folder for the files, and student.json, which describes them.")],
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="torchscript or onnx; may be repeated [default: both]."),
    ] = None,
) -> None:
    """Write a student as TorchScript and ONNX with its scaling inside, loaded back and compared."""
    from gold_train.export import FORMATS
    from gold_train.export import export as export_run

    for one in export_run(run, out, formats or FORMATS):
        _out.print(f"{one.path}: acts as the network does, but for {one.difference:.1g}", soft_wrap=True, markup=False)


def _train(
    dataset: Path,
    run: Path,
    settings: OfflineRun,
    blocks: str | None,
    steps: int | None,
    seed: int,
    device: str,
    online: int | None,
    sources: list[str] | None,
    changes: list[str] | None,
) -> None:
    from gold_data.settings import with_changes
    from gold_train.offline.job import train

    named = {"data.blocks": blocks, "training.steps": steps, "data.online": online}
    given = {name: str(value) for name, value in named.items() if value is not None}
    given |= {"training.seed": str(seed), "training.device": device}
    given |= dict(_pair(text) for text in changes or [])
    best = train(dataset, run, with_changes(settings, given), sources or [], _err)
    _out.print(str(best), soft_wrap=True, markup=False)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise SettingsError(f"--set {text}: write NAME=VALUE, as in --set training.batch_size=128")
    return name, value


def main() -> None:
    """Run a command; what the user can mend is one sentence on stderr and an exit code."""
    try:
        app()
    except GoldDataError as error:
        _err.print(f"gold-train: {error}", soft_wrap=True, markup=False)
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == 130:  # typer's answer to Ctrl-C, which says nothing
            _err.print("gold-train: interrupted; what was written so far is not whole.", soft_wrap=True)
        raise
