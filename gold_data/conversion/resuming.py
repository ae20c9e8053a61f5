"""What a job stands on is written before its first unit, and what it is resumed with must be the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gold_data.conversion.plan import PLAN, SETTINGS, Plan, PlannedSource, plan_bytes
from gold_data.conversion.software import software
from gold_data.errors import OutputError, SettingsError
from gold_data.settings import ConvertSettings, leaves
from gold_data.shards.folder import write_whole_file
from gold_data.shards.manifest import canonical

_REMEDY = "resume with what it was begun with, or name another OUT."
_LONGEST = 60
"""Characters of a value that are shown."""


def begin(out: Path, plan: Plan, settings: ConvertSettings) -> None:
    """Write what the job stands on, the plan last: with it the job has begun. Raises OutputError."""
    write_whole_file(out / SETTINGS, canonical(settings.model_dump(mode="json")))
    write_whole_file(out / PLAN, plan_bytes(plan))


def check_settings(out: Path, settings: ConvertSettings) -> None:
    """Raise SettingsError or OutputError where the job in `out` was begun with other settings or software."""
    given = json.loads(settings.model_dump_json())
    changes = list(_changes(dict(leaves(_read(out / SETTINGS))), dict(leaves(given))))
    if changes:
        raise SettingsError(f"{out} was begun with other settings: {'; '.join(changes)}; {_REMEDY}")
    changes = list(_changes(_read(out / PLAN).get("software", {}), software()))
    if changes:
        raise OutputError(f"{out} was begun with other software: {'; '.join(changes)}; {_REMEDY}")


def check_plan(out: Path, plan: Plan) -> None:
    """Raise OutputError where the job in `out` was begun with other sources, each named with what it was and is."""
    if (out / PLAN).read_bytes() == plan_bytes(plan):
        return
    try:
        stored = TypeAdapter(tuple[PlannedSource, ...]).validate_python(_read(out / PLAN).get("sources"))
    except ValidationError as error:
        raise _unreadable(out / PLAN) from error
    was, now = ({source.name: source for source in sources} for sources in (stored, plan.sources))
    shown = list(_changes(_shown(was), _shown(now)))
    shown += [
        f"{name}: other records of the same size" for name in was if name in now and _differ(was[name], now[name])
    ]
    if not shown:
        shown = ["their order" if list(was) != list(now) else "their units, by another version of gold-data"]
    raise OutputError(f"{out} was begun with other sources: {'; '.join(shown)}; {_REMEDY}")


def _shown(sources: Mapping[str, PlannedSource]) -> dict[str, str]:
    return {name: f"{source.size} bytes with {source.records} records" for name, source in sources.items()}


def _differ(was: PlannedSource, now: PlannedSource) -> bool:
    return was.crc != now.crc and (was.size, was.records) == (now.size, now.records)


def _changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in [*was, *(name for name in now if name not in was)]:
        if was.get(name) != now.get(name):
            yield f"{name}: {_value(was, name)} -> {_value(now, name)}"


def _value(values: Mapping[str, Any], name: str) -> str:
    if name not in values:
        return "not there"
    value = values[name]
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _unreadable(path) from error
    if not isinstance(content, dict):
        raise _unreadable(path)
    return content


def _unreadable(path: Path) -> OutputError:
    return OutputError(f"{path}: cannot be read, and says what the job was begun with; name another OUT.")
