"""What chance decides, as a function of the seed and of numbers: nothing of it needs to be saved."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import torch
from numpy.typing import NDArray


class Stream(IntEnum):
    """What is drawn; each has numbers of its own."""

    SCENES = 1
    NOISE = 2
    BATCHES = 3
    GUIDE = 4
    UPDATE = 5
    ALIGNMENT = 6
    VARIATION = 7


def generator(seed: int, stream: Stream, number: int) -> np.random.Generator:
    """A stream of random numbers of its own for each seed, purpose and number."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, stream, number))))


def noise_generator(seed: int, stream: Stream, number: int, device: torch.device) -> torch.Generator:
    """The same for torch; torch's own generator is left alone, other threads draw from it."""
    drawn_by = torch.Generator(device)
    mixed = np.random.SeedSequence((seed, stream, number)).generate_state(1, np.uint64)[0]
    drawn_by.manual_seed(int(mixed))
    return drawn_by


def coins(seed: int, episodes: NDArray[np.int64], timesteps: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,) numbers in [0, 1), one for each step of each episode, whoever else is asked about with it.

    A generator for each would take longer than the step: the numbers are hashed instead, by the mixer of SplitMix64
    (Steele, Lea and Flood 2014).
    """
    hashed = np.full(len(episodes), seed, np.uint64)
    for numbers in (np.full(len(episodes), Stream.GUIDE), episodes, timesteps):
        hashed = _mixed(hashed + numbers.astype(np.uint64))
    return (hashed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
