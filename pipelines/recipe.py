"""A recipe: a TOML file with a stage a line, a name and the command that makes it.

    goes_on = ["guide"]      # stages whose command, given again, goes on from what it has left

    [inputs]                 # what the user gives: --set records=PATH
    records = "the folder of WOMD's scenario files"

    [stages]                 # in this order
    dataset = "gold-data convert {records} --out {out}"
    guide = "gold-train dt {dataset} --out {out}"

    [accept]                 # codes other than 0 with which a stage's result is whole
    dataset = [3]

`{out}` is where the stage's own result goes, another name in braces an input or the result of an earlier stage.
"""

from __future__ import annotations

import difflib
import re
import shlex
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from gold_data.errors import SettingsError
from gold_data.settings import Settings

OUT = "out"
RESERVED = (OUT, "partial", "stages", "lock")
"""Names that no stage can have: the first stands for its result, the others are in WORK already (workplace.py)."""

_NAME = re.compile(r"[A-Za-z][\w-]*(\.\w+)*", re.ASCII)
_IN_BRACES = re.compile(r"\{([^{}]*)\}")


class Recipe(Settings):
    """The file as it stands."""

    goes_on: tuple[str, ...] = Field((), description="stages whose command goes on from what it has left")
    inputs: dict[str, str] = Field({}, description="what each is, for who has to give it")
    stages: dict[str, str] = Field(min_length=1, description="command by stage, in the order in which they are made")
    accept: dict[str, tuple[Annotated[int, Field(ge=1, le=255)], ...]] = Field(
        {}, description="exit codes by stage, beside 0, with which its result is whole"
    )


@dataclass(frozen=True)
class Stage:
    """A stage whose names are all known; `words` are the command's, with the braces still in."""

    name: str
    words: tuple[str, ...]
    needs: tuple[str, ...]
    inputs: Mapping[str, tuple[str, ...]]
    accept: tuple[int, ...]
    goes_on: bool = False

    def command(self, places: Mapping[str, str]) -> list[str]:
        """The words as they are executed, given what `{out}` and the stages that it needs are replaced by.

        A word that is an input alone becomes as many as there are values.
        """
        values = {name: (place,) for name, place in places.items()} | dict(self.inputs)
        command: list[str] = []
        for word in self.words:
            alone = _IN_BRACES.fullmatch(word)
            if alone:
                command.extend(values[alone[1]])
            else:
                command.append(_IN_BRACES.sub(lambda found: values[found[1]][0], word))
        return command

    @property
    def written(self) -> str:
        """The command as one line of shell, inputs put in, results by their names: what it is, wherever it runs."""
        return shlex.join(self.command({name: f"{{{name}}}" for name in (OUT, *self.needs)}))


def read_recipe(path: Path) -> Recipe:
    """Read a recipe; raises SettingsError where it is none."""
    try:
        return Recipe.model_validate(tomllib.loads(path.read_text()))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}); name a recipe (*.toml).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is no TOML ({error}); mend it there.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise SettingsError(f"{path}: {place}: {first['msg']}; pipelines/recipe.py shows what it may hold.") from error


def stages_of(recipe: Recipe, given: Mapping[str, Sequence[str]]) -> tuple[Stage, ...]:
    """The stages in order, given each input's values.

    Raises SettingsError for an input that is missing or unknown, a name that is not or not yet known, a stage that
    writes nothing to `{out}`, and a command that no shell could split.
    """
    _check_inputs(recipe, given)
    _check_names(recipe)
    known: list[str] = []
    stages = []
    for name, text in recipe.stages.items():
        words = _words(name, text)
        named = dict.fromkeys(_IN_BRACES.findall(" ".join(words)))
        if OUT not in named:
            raise SettingsError(f"stage {name} writes nothing to {{out}}; say in its command where its result goes.")
        del named[OUT]
        for other in named:
            if other not in known and other not in recipe.inputs:
                raise SettingsError(_unknown(name, other, recipe.stages, [*known, *recipe.inputs]))
        inputs = {other: tuple(given[other]) for other in named if other in recipe.inputs}
        _check_one_value(name, words, inputs)
        needs = tuple(other for other in named if other in known)
        stages.append(Stage(name, words, needs, inputs, recipe.accept.get(name, ()), name in recipe.goes_on))
        known.append(name)
    return tuple(stages)


def _check_inputs(recipe: Recipe, given: Mapping[str, Sequence[str]]) -> None:
    for name in given:
        if name not in recipe.inputs:
            there = f"give {' or '.join(recipe.inputs)}" if recipe.inputs else "it has none"
            raise SettingsError(f"--set {name}: the recipe has no such input; {there}.")
    for name, what in recipe.inputs.items():
        if not given.get(name):
            raise SettingsError(f"the recipe needs {name}; give {what}: --set {name}=...")


def _check_names(recipe: Recipe) -> None:
    for name in (*recipe.inputs, *recipe.stages):
        if not _NAME.fullmatch(name) or name in RESERVED:
            raise SettingsError(
                f"{name!r} cannot be the name of a stage or input; use letters, digits, _ and -, a dot before a "
                f"suffix, and none of {', '.join(RESERVED)}."
            )
    for name in recipe.inputs:
        if name in recipe.stages:
            raise SettingsError(f"{name} is an input and a stage; give one of them another name.")
    for where, names in (("accept", recipe.accept), ("goes_on", recipe.goes_on)):
        for name in names:
            if name not in recipe.stages:
                raise SettingsError(f"{where}.{name}: there is no such stage; take it out or name one of the stages.")


def _words(name: str, text: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise SettingsError(f"stage {name}: no shell could split its command ({error}); mend its quotes.") from error
    if not words or _IN_BRACES.search(words[0]):
        raise SettingsError(f"stage {name}: begin its command with the program to run.")
    return words


def _unknown(name: str, other: str, stages: Collection[str], known: Collection[str]) -> str:
    if other in stages:
        return f"stage {name} needs {{{other}}}, which is not made before it; put {other} above {name}."
    near = difflib.get_close_matches(other, known, n=3, cutoff=0.4)
    return (
        f"stage {name} needs {{{other}}}, and there is no such input or earlier stage; "
        f"name {' or '.join(near or known) or 'only {out}'}."
    )


def _check_one_value(name: str, words: Sequence[str], inputs: Mapping[str, Sequence[str]]) -> None:
    for word in words:
        for other in _IN_BRACES.findall(word):
            if len(inputs.get(other, ())) > 1 and word != f"{{{other}}}":
                raise SettingsError(f"stage {name}: {word} has room for one {other}; give it once.")
