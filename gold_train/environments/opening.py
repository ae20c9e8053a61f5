"""A dataset -> the world that its episodes were driven in."""

from __future__ import annotations

from collections.abc import Sequence

from gold_data import Dataset
from gold_data.errors import SettingsError
from gold_train.environments.driving import driving_world
from gold_train.environments.point_mass_world import ENGINE, point_mass_world
from gold_train.environments.world import World


def world_of(
    dataset: Dataset,
    split: str,
    *,
    engine: str = "batched",
    sources: Sequence[str] = (),
    expert: bool = False,
    varied: bool = False,
) -> World:
    """Open the world of a split: of recorded scenes, or of the toy where the manifest says that it drove.

    `engine` is `batched` or `metadrive`, `sources` where the records are, if not where the dataset says; the toy has
    one engine and no records. With `expert` its environments tell what the tracker would do, with `varied` its episodes
    can be varied. Raises DatasetError for a split that is not there or empty and for a record that is not found,
    SettingsError for an engine that there is not, and for what MetaDrive or the toy cannot do of that.
    """
    if dataset.manifest.engine != ENGINE:
        return driving_world(dataset, split, engine=engine, sources=sources, expert=expert, varied=varied)
    if engine != "batched":
        raise SettingsError(
            f"{dataset.root}: its episodes are the toy's, which no engine {engine!r} knows; leave it out."
        )
    if expert:
        raise SettingsError(
            f"{dataset.root}: its episodes are the toy's, where no tracker follows a record; leave "
            "distillation.expert at 0."
        )
    if varied:
        raise SettingsError(f"{dataset.root}: its episodes are the toy's, without a record; leave variation.* out.")
    return point_mass_world(dataset, split)
