"""What is measured on: WOMD's records where they are, else made-up ones."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.sizes import Sizes
from gold_data import ConvertSettings
from gold_data.gym import scenes_of
from gold_data.gym.scenes import EgoScene
from gold_data.sources import Source, find_sources
from gold_data.synth import synthesize
from gold_data.womd import Frame, scan

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[2] / "shared" / "womd"))


@dataclass(frozen=True)
class Material:
    """The sources, a folder to work in, and how much of it all is measured."""

    paths: tuple[str, ...]
    work: Path
    sizes: Sizes
    settings: ConvertSettings = field(default_factory=ConvertSettings)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The files."""
        return find_sources(self.paths)

    @cached_property
    def files(self) -> tuple[bytes, ...]:
        """What is in them."""
        return tuple(Path(source.location).read_bytes() for source in self.sources)

    @cached_property
    def records(self) -> tuple[bytes, ...]:
        """All records that are whole."""
        return tuple(frame.data(file) for file in self.files for frame in scan(file) if isinstance(frame, Frame))

    @cached_property
    def scenes(self) -> tuple[EgoScene, ...]:
        """Scenes that can be driven, each with the record's own car as its ego, spread evenly over the sources."""
        drivable = list(scenes_of(self.paths, self.settings))
        bounds = np.linspace(0, len(drivable), min(self.sizes.scenes, len(drivable)) + 1).astype(int)
        return tuple(drivable[first] for first, _ in pairwise(bounds))


def find_material(paths: list[str], work: Path, sizes: Sizes) -> Material:
    """The named sources; where none are, WOMD's records; where those are not there, made-up ones below `work`."""
    if not paths and not WOMD.is_dir():
        synthesize(work / "records", sizes.records, 0)
        paths = [str(work / "records")]
    return Material(tuple(paths or [str(WOMD)]), work, sizes)
