"""What the environments drive in: a record and an ego in it; and where these come from."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gold_data.errors import DatasetError, SettingsError, SourceError
from gold_data.replay import Description, Scene, StartOffset, make_scene
from gold_data.scenarionet import DescriptionError, cut_frames
from gold_data.settings import ConvertSettings
from gold_data.shards import Dataset, Episode, FileRow
from gold_data.sources import find_sources, outlines, read_description
from gold_data.trajectories.demonstrations import Course, course_of
from gold_data.trajectories.egos import candidates
from gold_data.views.record import NoRecord, Records, driven_frames
from gold_data.womd import Damage

_log = logging.getLogger(__name__)

_EPISODE = ("scenario_id", "ego_id", "source", "offset", "crc", "drive", "demonstration", "start")


@dataclass(frozen=True)
class EgoScene:
    """An ego in a description that is cut to the frames in which it is there, and where an episode begins."""

    description: Description
    ego_id: str
    start: int = 0  # frame of the description
    offset: StartOffset | None = None  # from the pose recorded there

    @property
    def scenario_id(self) -> str:
        """The record's id."""
        return str(self.description["id"])

    def course(self) -> Course:
        """What the starts of disturbed and varied episodes are drawn by."""
        return course_of(self.description, self.ego_id)

    def check(self) -> None:
        """Raise SettingsError for an ego that the record lacks, and a start that leaves no step to drive."""
        if self.ego_id not in self.description["tracks"]:
            raise SettingsError(f"scenario {self.scenario_id}: has no ego {self.ego_id!r}; choose one of its tracks.")
        last = self.description["length"] - 2
        if not 0 <= self.start <= last:
            raise SettingsError(f"scenario {self.scenario_id}: start {self.start} leaves no step; choose 0 to {last}.")

    def made(self) -> Scene:
        """Make it ready to be driven; see make_scene. Raises SettingsError as `check` does, SceneError as that does."""
        self.check()
        return make_scene(self.description, self.ego_id, self.start, self.offset)


def scenes_of(paths: Sequence[str], settings: ConvertSettings) -> Iterator[EgoScene]:
    """Read the scenes of files, folders, patterns or URLs of WOMD or ScenarioNet, in order, one at a time.

    Who drives is what `gold-data convert` asks for with the same settings (`ego`, `moving`, `acceptance`), as far as
    the record alone decides. Damaged records are passed over with a warning, and so are scenarios that come again.
    Raises SourceError where there are no scenarios, or none that can be driven.
    """
    found: set[str] = set()
    for source in find_sources(paths):
        for record in outlines(source):
            if isinstance(record, Damage):
                _log.warning("%s: a damaged record at byte %d is left out", source.name, record.offset)
                continue
            scenario = record.outline.scenario_id
            if scenario in found:
                _log.warning(
                    "%s: the record at byte %d is left out: %s came before", source.name, record.offset, scenario
                )
                continue
            egos = [ego for ego in candidates(record.outline, settings).egos if ego.rejection is None]
            if not egos:
                continue
            try:
                description = read_description(source, record.offset, record.crc)
            except DescriptionError as error:
                _log.warning("%s: the record at byte %d is left out: %s", source.name, record.offset, error)
                continue
            found.add(scenario)
            for ego in egos:
                yield EgoScene(cut_frames(description, ego.first, ego.last), ego.ego_id)
    if not found:
        raise SourceError(f"{', '.join(paths)}: holds no scenario that can be driven; `gold-data convert` says why.")


class DatasetScenes:
    """The scenes of a dataset's episodes that were not disturbed, in its order; each is read when it is asked for.

    A dataset holds neither the map nor the other road users: the records are looked for in `sources`, where any are
    given, else in its scenarios/, else where its run.json says that they were. Raises DatasetError for an unknown
    split and a record that is not found, SourceError where `sources` do not hold it.
    """

    def __init__(self, dataset: Dataset, split: str | None = None, sources: Sequence[str] = ()) -> None:
        self._records = Records(dataset, sources)
        self._records.check_given()
        self._episodes = tuple(_undisturbed(dataset, split))

    def __len__(self) -> int:
        return len(self._episodes)

    def __getitem__(self, number: int) -> EgoScene:
        episode = self._episodes[number]
        record = self._records.of_episode(episode)
        if isinstance(record, NoRecord):
            raise DatasetError(record.reason)
        ego_id = str(episode["ego_id"])
        frames = driven_frames(record.description, ego_id)
        return EgoScene(cut_frames(record.description, frames.start, frames.stop), ego_id)

    def __iter__(self) -> Iterator[EgoScene]:
        return (self[number] for number in range(len(self)))

    @property
    def drives(self) -> tuple[str, ...]:
        """The drive that each scene's record was cut from: scenes of one drive are not independent."""
        return tuple(str(episode["drive"]) for episode in self._episodes)


def scenes_of_dataset(dataset: Dataset, split: str | None = None, sources: Sequence[str] = ()) -> Iterator[EgoScene]:
    """Read the scenes of a dataset, one at a time; see DatasetScenes."""
    yield from DatasetScenes(dataset, split, sources)


def settings_of_dataset(dataset: Dataset) -> ConvertSettings:
    """Read what a dataset was converted with. Raises DatasetError where its settings.json is missing or was changed."""
    path = dataset.root / "settings.json"
    listed = [file for file in dataset.manifest.files if file.path == path.name]
    try:
        content = path.read_bytes()
        if listed != [FileRow.of(path.name, content)]:
            raise ValueError("is not the file that the manifest lists")
        return ConvertSettings.model_validate_json(content)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{path}: cannot be used ({reason}); fetch or convert the dataset again") from error


def _undisturbed(dataset: Dataset, split: str | None) -> Iterator[Episode]:
    for shard in dataset.shards(split):
        columns = dataset.read(shard, _EPISODE)
        # Some disturbances are drawn as none at all: a demonstration is another drive of a scene even so.
        for row in np.flatnonzero(columns["demonstration"] == 0).tolist():
            yield Episode(shard.split, {name: values[row] for name, values in columns.items()})
