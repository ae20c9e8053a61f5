"""Drives of real records beside MetaDrive's own numbers; children import this by its name."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gold_data.replay import Drive, DriveJob, Outcome, Rollout, replay_record, track_record
from gold_data.scenarionet import Description, describe
from gold_data.settings import ConvertSettings
from gold_data.sources import find_sources
from gold_data.womd import decode, scan
from gold_data.womd.tfrecord import Frame

SETTINGS = ConvertSettings()


@dataclass(frozen=True)
class Beside:
    """A drive, with what MetaDrive says of the same steps."""

    rollout: Rollout
    rewards: NDArray[np.float64]  # (T,)
    costs: NDArray[np.float64]  # (T,)
    arrived: NDArray[np.bool_]  # (T,)
    terminated: NDArray[np.bool_]  # (T,)


class _BesideMetaDrive(Drive):
    """A drive that keeps MetaDrive's own result of each step."""

    def __init__(self, settings: ConvertSettings, follow_record: bool = False) -> None:
        from gold_data.replay.metadrive import MetaDrive

        self._simulator = MetaDrive(settings.simulator, follow_record)
        super().__init__(self._simulator, settings)
        self.stock: list[tuple[float, float, bool, bool]] = []

    def step(self, action: NDArray[np.floating]) -> Outcome:  # type: ignore[override]
        outcome = super().step(action)
        reward, terminated, _, information = self._simulator.stock_result
        self.stock.append((reward, information["cost"], information["arrive_dest"], terminated))
        return outcome

    def beside(self, rollout: Rollout) -> Beside:
        rewards, costs, arrived, terminated = map(np.array, zip(*self.stock, strict=True))
        return Beside(rollout, rewards, costs, arrived, terminated)


def track_beside(job: DriveJob, on_step: Callable[[int], None]) -> Beside:
    """The record driven by the tracker."""
    with closing(_BesideMetaDrive(job.settings)) as drive:
        return drive.beside(track_record(drive, job.description, job.ego_id, job.settings.tracker, on_step))


def replay_beside(job: DriveJob, on_step: Callable[[int], None]) -> Beside:
    """The record replayed."""
    with closing(_BesideMetaDrive(job.settings, follow_record=True)) as drive:
        return drive.beside(replay_record(drive, job.description, job.ego_id, on_step))


def descriptions(path: Path) -> Iterator[Description]:
    """Every record of a WOMD file, or of the files in a folder; `source_file` is the name below the path given."""
    for source in find_sources([str(path)]):
        with source.contents() as contents:
            for frame in scan(contents):
                assert isinstance(frame, Frame)
                yield describe(decode(frame.data(contents)), source.name)


def digest(rollout: Rollout) -> str:
    """SHA-256 of all that a drive stores."""
    columns = (
        rollout.observations,
        rollout.actions,
        rollout.rewards,
        rollout.costs,
        rollout.flags,
        rollout.ego_state,
    )
    return hashlib.sha256(b"".join(column.tobytes() for column in columns)).hexdigest()


def print_digest(file: Path, scenario_id: str, replaced: bool) -> None:
    """Print the digest of one tracked drive; not `replaced`: with MetaDrive as it is, but for its downloads."""
    import gold_data.replay.metadrive as engine

    if not replaced:
        from metadrive.engine.base_engine import BaseEngine

        configuration = engine._configuration
        unread = ("need_lane_localization", "show_crosswalk")
        engine._configuration = lambda *settings: {
            name: value for name, value in configuration(*settings).items() if name not in unread
        }
        engine._neutral_replacements = contextlib.nullcontext  # type: ignore[assignment]
        BaseEngine.try_pull_asset = staticmethod(lambda: None)
    for description in descriptions(file):
        if description["id"] == scenario_id:
            job = DriveJob(description, description["metadata"]["sdc_id"], SETTINGS)
            print(digest(track_beside(job, lambda step: None).rollout))


if __name__ == "__main__":
    print_digest(Path(sys.argv[1]), sys.argv[2], replaced=sys.argv[3] == "replaced")
