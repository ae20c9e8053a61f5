"""Who goes to training, validation and test: whole drives in the order of a keyed hash, or scenarios by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from gold_data.chance import hashed
from gold_data.errors import SettingsError
from gold_data.settings import SPLITS, SplitSettings


def split_drives(drives: Sequence[str], settings: SplitSettings) -> dict[str, str]:
    """The split of each drive that is used, given the drive of each scenario that can be driven.

    Validation and test are filled before train: they are small, and stay the same however many are asked for to train.
    A drive that would overfill its split is passed over, and goes to a later one or, where no counts are asked for, to
    train. Raises SettingsError where more is asked for than there is.
    """
    sizes = Counter(drives)
    asked = {name: getattr(settings, name) for name in SPLITS}
    given = any(count is not None for count in asked.values())
    wanted = {name: count or 0 for name, count in asked.items()} if given else _shares(len(drives))
    if sum(wanted.values()) > len(drives):
        request = ", ".join(f"--{name} {count}" for name, count in wanted.items() if count)
        raise SettingsError(
            f"{request} asks for {sum(wanted.values())} scenarios, and the sources hold {len(drives)} that can be "
            "driven; ask for fewer or name more sources."
        )
    chosen = _fill(sizes, wanted, settings.key)
    if not given:
        chosen |= {drive: "train" for drive in sizes if drive not in chosen}
    return chosen


def named_splits(drives: Mapping[str, str], settings: SplitSettings) -> dict[str, str]:
    """The split of each scenario that the settings name, given the drive of every scenario that there is.

    Raises SettingsError for counts beside names, a scenario that there is not or that is named twice, and a drive that
    would be split.
    """
    if any(getattr(settings, name) is not None for name in SPLITS):
        raise SettingsError("a split is asked for by counts and by names at once; leave one of them out.")
    rows = [(scenario, name) for name in SPLITS for scenario in getattr(settings, f"named_{name}")]
    unknown = [scenario for scenario, _ in rows if scenario not in drives]
    if unknown:
        raise SettingsError(
            f"the split names scenario {unknown[0]!r}, which the sources do not hold (and {len(unknown) - 1} more); "
            "name the sources that hold them, or leave them out of the split."
        )
    chosen: dict[str, str] = {}
    first: dict[str, tuple[str, str]] = {}  # of each drive: a scenario and its split
    for scenario, name in rows:
        if scenario in chosen:
            raise SettingsError(f"the split names scenario {scenario!r} twice; name it once.")
        other, where = first.setdefault(drives[scenario], (scenario, name))
        if where != name:
            raise SettingsError(
                f"the split puts {scenario!r} into {name} and {other!r} into {where}, and both are cut from one drive; "
                "keep them together."
            )
        chosen[scenario] = name
    return chosen


def read_split(path: Path) -> dict[str, tuple[str, ...]]:
    """Read a split, by names of settings, from a JSON file: `{"train": [ids], "validation": [ids], "test": [ids]}`.

    Raises SettingsError for a file that cannot be read or holds something else.
    """
    try:
        found = TypeAdapter(dict[Literal["train", "validation", "test"], tuple[str, ...]]).validate_json(
            path.read_bytes()
        )
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.errors()[0]["msg"]
        raise SettingsError(
            f"{path}: is no split ({reason}); write a JSON object of lists of scenario ids: train, validation, test."
        ) from error
    return {f"named_{name}": scenarios for name, scenarios in found.items()}


def _shares(count: int) -> dict[str, int]:
    """80, 10 and 10 per cent; at least one scenario each for validation and test where there are three."""
    tenth = max(round(count / 10), 1) if count >= 3 else 0
    return {"train": count - 2 * tenth, "validation": tenth, "test": tenth}


def _fill(sizes: Mapping[str, int], wanted: Mapping[str, int], key: str) -> dict[str, str]:
    order = sorted(sizes, key=lambda drive: (hashed(drive, key), drive))
    chosen: dict[str, str] = {}
    for name in ("validation", "test", "train"):
        room = wanted[name]
        for drive in order:
            larger_than_any = name == "train" and room > 0 and sizes[drive] > max(wanted.values())
            if drive not in chosen and (sizes[drive] <= room or larger_than_any):
                chosen[drive] = name
                room -= sizes[drive]
    return chosen
