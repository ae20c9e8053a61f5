"""Bits of a finished dataset flipped one at a time, to see whether each is found."""

from __future__ import annotations

from pathlib import Path
from random import Random

from gold_data.shards import verify


def flips_found(root: Path, number: int, seed: int, only: str | None = None) -> tuple[int, list[str]]:
    """Flip `number` random bits in `root`, one after the other; how many were found, and those that were not.

    Each is in a file by chance (or in `only`), all but run.json, and at any byte of it; it is flipped back when it was
    looked for. A flip is found if its own file is named, or the one that holds its digest.
    """
    random, missed = Random(seed), []
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.name != "run.json")
    files = [path for path in files if path.stat().st_size and (only is None or path.name == only)]
    for _ in range(number):
        path = random.choice(files)
        content = path.read_bytes()
        place, bit = random.randrange(len(content)), random.randrange(8)
        path.write_bytes(content[:place] + bytes((content[place] ^ 1 << bit,)) + content[place + 1 :])
        name = path.relative_to(root).as_posix()
        own = {name, "manifest.json", "README.md"} if name == "manifest.sha256" else {name}
        if not own & {problem.path for problem in verify(root)}:
            missed.append(f"{name}: bit {bit} of byte {place}")
        path.write_bytes(content)
    return number - len(missed), missed
