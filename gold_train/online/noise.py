"""What a learner draws by chance, as a function of the seed, of what for and of a number: nothing of it is saved."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch

# Beyond the streams of gold_train.online.chance.
UPDATE: Final = 17
ALIGNMENT: Final = 18


def noise_generator(seed: int, stream: int, number: int, device: torch.device) -> torch.Generator:
    """A generator of its own for each number of each stream; torch's own is left alone, other threads draw from it."""
    generator = torch.Generator(device)
    generator.manual_seed(int(np.random.SeedSequence((seed, stream, number)).generate_state(1, np.uint64)[0]))
    return generator
