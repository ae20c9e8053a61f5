"""`python -m pipelines RECIPE --work WORK`: run a recipe's stages, or go on with them.

Exit codes: 0 all stages are made; 2 wrong use, nothing was changed; 130 and 143 interrupted; else that of the stage
that failed.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from glob import has_magic
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gold_data.errors import GoldDataError, SettingsError
from pipelines.job import command_of, made_already, run_job
from pipelines.recipe import read_recipe, stages_of
from pipelines.table import table_of
from pipelines.workplace import Workplace

_app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


@_app.command()
def run(
    recipe: Annotated[Path, typer.Argument(help="TOML file with the stages, as pipelines/smoke.toml.")],
    work: Annotated[Path, typer.Option(help="Folder for the results; what is whole there is not made again.")],
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="INPUT=VALUE", help="An input of the recipe; again for a second value of it."),
    ] = None,
    again: Annotated[
        list[str] | None,
        typer.Option(metavar="STAGE", help="Remove a result, and all that were made from it; make them anew."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be run, and change nothing.")] = False,
) -> None:
    """Run the stages of a recipe one after the other; after a failure or a kill the same command goes on there."""
    stages = stages_of(read_recipe(recipe), _values(given or []))
    workplace = Workplace(work.absolute())
    if dry_run:
        there = made_already(stages, workplace, again or [])
        for stage in stages:
            text = "is there" if stage.name in there else shlex.join(command_of(stage, workplace))
            _out.print(f"{stage.name}: {text}", soft_wrap=True, markup=False)
        return
    made = run_job(stages, workplace, again or [], _err)
    _out.print(table_of(list(made.values())), crop=False)


def _values(given: Sequence[str]) -> dict[str, list[str]]:
    """Values by input; paths become absolute, since a result is to be known again and its records found from anywhere.

    Raises SettingsError for a path where nothing is; patterns and URLs are left to the commands.
    """
    values: dict[str, list[str]] = {}
    for text in given:
        name, _, value = text.partition("=")
        if not value:
            raise SettingsError(f"--set {text}: write INPUT=VALUE, as in --set records=womd/training")
        if "://" not in value:
            if not has_magic(value) and not os.path.exists(value):
                raise SettingsError(f"--set {text}: nothing is at {value}; give the path of what is there.")
            value = os.path.abspath(value)
        values.setdefault(name, []).append(value)
    return values


def main() -> None:
    """Run the command; what the user can mend is one sentence on stderr and an exit code."""
    try:
        _app(prog_name="python -m pipelines")
    except GoldDataError as error:
        _err.print(f"pipelines: {error}", soft_wrap=True, markup=False)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
