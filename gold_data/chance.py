"""Order and randomness that follow from names alone: the same on every machine, in every process, in any order."""

from __future__ import annotations

import hashlib

import numpy as np


def hashed(text: str, key: str) -> str:
    """A number that orders ids evenly and the same everywhere, as 32 hex digits."""
    return hashlib.blake2b(text.encode(), key=key.encode()[:64], digest_size=16).hexdigest()


def generator(text: str, key: str) -> np.random.Generator:
    """A stream of random numbers of its own for each text."""
    return np.random.Generator(np.random.PCG64(int(hashed(text, key), 16)))
