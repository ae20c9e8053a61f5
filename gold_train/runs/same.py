"""Whether a training that was stopped may go on with what it is given now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from gold_data.errors import SettingsError
from gold_data.settings import leaves
from gold_data.shards import ObservationBlock
from gold_train.errors import CheckpointError
from gold_train.policies.policy import Lineage, Policy
from gold_train.settings import RunSettings


def hold_origin(run: Path, was: Policy, lineage: Lineage, blocks: Sequence[ObservationBlock]) -> None:
    """Refuse to go on from another dataset, or with other policies, than the training began with.

    Raises CheckpointError, which names each that differs, what it was and what it is now.
    """
    before = {block.name: block.digest for block in was.blocks}
    after = {block.name: block.digest for block in blocks}
    names = ("manifest", "statistics", "guide", "begun_with")
    pairs = [(name.replace("_", " "), getattr(was.lineage, name), getattr(lineage, name)) for name in names]
    pairs += [(f"block {name}", before.get(name), after.get(name)) for name in {**before, **after}]
    other = [f"{name} {_short(one)} -> {_short(two)}" for name, one, two in pairs if one != two]
    if other:
        raise CheckpointError(
            f"{run}: was begun on another dataset or guide than these: {'; '.join(other)}; give those, or another run"
        )


def changed_settings(was: RunSettings, settings: RunSettings, free: Collection[str]) -> list[str]:
    """What differs, each with what it was and what it is now; names in `free` may differ."""
    before, after = dict(leaves(was.model_dump())), dict(leaves(settings.model_dump()))
    return [
        f"{name} {before.get(name, 'absent')} -> {after.get(name, 'absent')}"
        for name in sorted({*before, *after} - set(free))
        if before.get(name) != after.get(name)
    ]


def refuse(run: Path, changed: Sequence[str]) -> None:
    """Raise SettingsError where anything changed."""
    if changed:
        raise SettingsError(
            f"{run}: was begun with other settings: {'; '.join(changed)}; keep them, or name another run"
        )


def _short(digest: str | None) -> str:
    return "none" if digest is None else digest[:12]
