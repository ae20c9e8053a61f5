"""How much is measured: enough for steady medians, or just enough to see that everything runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Counts, and seconds of CPU."""

    repeats: int = 7  # of what is measured over all records
    scenes: int = 16  # that MetaDrive drives, spread evenly over the sources
    stepped: int = 8  # of these scenes, those that batches step in
    batches: tuple[int, ...] = (1, 64, 1024)  # environments
    seconds: float = 0.5  # of a sample of environment steps, of dynamics, of windows
    turns: int = 5  # samples of these
    records: int = 60  # made up where there are no real ones
    episodes: int = 24  # scenarios of the shard that is written and read in windows
    demonstrations: int = 7  # for each of these
    growth: tuple[int, ...] = (10, 100, 1000)  # scenarios converted; the first divides the others
    again: tuple[int, ...] = (3, 2, 1)  # how often each of these is
    workers: tuple[int, ...] = (1, 2)


FULL = Sizes()

SMOKE = Sizes(
    repeats=2,
    scenes=2,
    stepped=2,
    batches=(1, 4),
    seconds=0.02,
    turns=2,
    records=4,
    episodes=2,
    demonstrations=1,
    growth=(2, 4),
    again=(1, 1),
    workers=(1,),
)
