"""Whether a training that was stopped may go on with what it is given now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gold_data.errors import OutputError, SettingsError
from gold_data.settings import leaves
from gold_data.shards import ObservationBlock
from gold_train.errors import CheckpointError
from gold_train.offline.schedule import warm_up_steps
from gold_train.offline.state import LAST
from gold_train.policies.policy import Lineage, Policy
from gold_train.settings import OfflineRun

# What changes neither what is learned nor what is written of it, rounding apart.
FREE: Final = frozenset(
    f"training.{name}" for name in ("steps", "save_every", "device", "compile", "threads", "tensorboard")
)


def has_begun(run: Path) -> bool:
    """Whether a training has begun in this folder; without one it must be empty, or not there yet.

    Raises OutputError where something else is there.
    """
    if (run / LAST).is_file():
        return True
    held = [path for path in run.iterdir() if not path.name.startswith(".")] if run.is_dir() else []
    if run.exists() and (held or not run.is_dir()):
        raise OutputError(f"{run}: is there already and holds no training to go on with; choose another place")
    return False


def hold_against(
    run: Path, was: Policy, settings: OfflineRun, lineage: Lineage, blocks: Sequence[ObservationBlock]
) -> None:
    """Refuse to go on where the dataset or the settings are not those that the training began with.

    Raises CheckpointError for the dataset, SettingsError for the settings; each names what it was and what it is now.
    """
    other = [f"{name} {_short(was)} -> {_short(now)}" for name, was, now in _differing(was, lineage, blocks)]
    if other:
        raise CheckpointError(
            f"{run}: was begun on another dataset than this one: {'; '.join(other)}; give that one, or another run"
        )
    before, after = dict(leaves(was.settings.model_dump())), dict(leaves(settings.model_dump()))
    changed = [
        f"{name} {before.get(name, 'absent')} -> {after.get(name, 'absent')}"
        for name in sorted({*before, *after} - FREE)
        if before.get(name) != after.get(name)
    ]
    steps_before, steps_after = was.settings.training.steps, settings.training.steps
    if warm_up_steps(settings.optimiser, steps_before) != warm_up_steps(settings.optimiser, steps_after):
        changed.append(f"training.steps {steps_before} -> {steps_after}, which makes another warm-up")
    elif settings.optimiser.decay != "constant" and steps_before != steps_after:
        changed.append(
            f"training.steps {steps_before} -> {steps_after}, which makes another {settings.optimiser.decay}"
        )
    if steps_after < was.step:
        changed.append(f"training.steps {steps_before} -> {steps_after}, and {was.step} are done")
    if changed:
        raise SettingsError(
            f"{run}: was begun with other settings: {'; '.join(changed)}; keep them, or name another run"
        )


def _differing(
    was: Policy, lineage: Lineage, blocks: Sequence[ObservationBlock]
) -> list[tuple[str, str | None, str | None]]:
    before = {block.name: block.digest for block in was.blocks}
    after = {block.name: block.digest for block in blocks}
    pairs = [("manifest", was.lineage.manifest, lineage.manifest)]
    pairs += [("statistics", was.lineage.statistics, lineage.statistics)]
    each = [(f"block {name}", before.get(name), after.get(name)) for name in {**before, **after}]
    return [(name, one, two) for name, one, two in [*pairs, *each] if one != two]


def _short(digest: str | None) -> str:
    return "none" if digest is None else digest[:12]
