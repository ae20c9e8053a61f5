"""A job: stages made one after the other, those that are there already passed over."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from gold_data.errors import GoldDataError, MachineError, OutputError, SettingsError
from gold_data.version import VERSION
from pipelines.process import Group, adopt_orphans, run_measured, signals_passed_on
from pipelines.recipe import OUT, Stage
from pipelines.workplace import Made, Workplace, size


class StageError(GoldDataError):
    """A stage that did not get to its end; the job ends with its exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def made_already(stages: Sequence[Stage], workplace: Workplace, again: Collection[str] = ()) -> dict[str, Made]:
    """What need not be made, by stage; the stages in `again`, and all that need them, do.

    Raises SettingsError for a stage in `again` that there is not, MachineError for a program that is not installed,
    OutputError where a result was made in another way than the recipe has it now, or from what is there no more.
    """
    for name in again:
        if name not in [stage.name for stage in stages]:
            raise SettingsError(f"--again {name}: there is no such stage; name one of the recipe's.")
    renewed = and_what_needs_them(stages, again)
    found: dict[str, Made] = {}
    for stage in stages:
        made = None if stage.name in renewed else workplace.made(stage.name)
        if made is None:
            _program(stage)
            continue
        missing = [name for name in stage.needs if name not in found]
        if made.written != stage.written:
            raise OutputError(
                f"{workplace.result(stage.name)} was made by `{made.written}`, and the recipe says `{stage.written}` "
                f"now; give another --work, or --again {stage.name} to remove it and make it anew."
            )
        if missing:
            raise OutputError(
                f"{workplace.result(stage.name)} was made from {missing[0]}, which is there no more; give another "
                f"--work, or --again {stage.name} to remove it and make it anew."
            )
        found[stage.name] = made
    return found


def and_what_needs_them(stages: Sequence[Stage], names: Collection[str]) -> list[str]:
    """Those of the stages that are named or need one that is, in order."""
    chosen: list[str] = []
    for stage in stages:
        if stage.name in names or any(name in chosen for name in stage.needs):
            chosen.append(stage.name)
    return chosen


def command_of(stage: Stage, workplace: Workplace) -> list[str]:
    """What is executed to make a stage."""
    places = {name: str(workplace.result(name)) for name in stage.needs}
    return stage.command(places | {OUT: str(workplace.partial(stage.name))})


def run_job(stages: Sequence[Stage], workplace: Workplace, again: Collection[str], console: Console) -> dict[str, Made]:
    """Make what is missing of the stages, and say how each was made.

    Results in `again`, and those that need them, are removed first. Raises what `made_already` raises before anything
    is changed, OutputError where WORK is in use, and StageError for the first stage that fails or is interrupted.
    """
    adopt_orphans()
    with workplace.held(), signals_passed_on() as group:
        made = made_already(stages, workplace, again)
        for name in reversed(and_what_needs_them(stages, again)):  # what needs another goes before it
            workplace.forget(name)
        for stage in stages:
            if stage.name in made:
                console.print(f"{stage.name}: is there", soft_wrap=True)
                continue
            if group.asked is not None:
                raise _interrupted(stage, group.asked)
            made[stage.name] = _make(stage, workplace, group, console)
        workplace.tidy()
    return {stage.name: made[stage.name] for stage in stages}


def _make(stage: Stage, workplace: Workplace, group: Group, console: Console) -> Made:
    command = command_of(stage, workplace)
    console.print(f"{stage.name}: {shlex.join(command)}", soft_wrap=True, markup=False)
    workplace.prepare(stage.name, keep=stage.goes_on)
    began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    ended = run_measured(_program(stage), command, _environment(), group)
    partial = workplace.partial(stage.name)
    if ended.exit_code not in (0, *stage.accept):
        if group.asked is not None:
            raise _interrupted(stage, group.asked)
        raise StageError(
            f"stage {stage.name} ended with {ended.exit_code}, what it left is {partial}; mend the cause and give the "
            "same command: it goes on at this stage.",
            ended.exit_code,
        )
    if not partial.exists():
        raise StageError(
            f"stage {stage.name} ended with {ended.exit_code} and wrote nothing to {partial}; mend its command.", 1
        )
    made = Made(
        stage=stage.name,
        written=stage.written,
        command=tuple(command),
        exit_code=ended.exit_code,
        began=began,
        wall_seconds=round(ended.wall_seconds, 3),
        cpu_seconds=round(ended.cpu_seconds, 3),
        peak_rss_bytes=ended.peak_rss_bytes,
        size_bytes=size(partial),
        gold_data=VERSION,
    )
    workplace.keep(made)
    return made


def _interrupted(stage: Stage, asked: signal.Signals) -> StageError:
    return StageError(
        f"interrupted by {asked.name} before stage {stage.name} was made; give the same command: it goes on there.",
        128 + asked,
    )


def _program(stage: Stage) -> str:
    """The path of a stage's program; raises MachineError where there is none."""
    program = shutil.which(stage.words[0], path=_environment()["PATH"])
    if program is None:
        raise MachineError(f"stage {stage.name} runs {stage.words[0]}, which is not installed; `make install` does it.")
    return program


def _environment() -> Mapping[str, str]:
    """Programs installed beside this Python are found first, whether or not its environment is activated."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
