"""Does a dataset's folder hold what its manifest says?"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gold_data.errors import DatasetError
from gold_data.shards.folder import is_partial
from gold_data.shards.manifest import (
    CARD,
    DIGESTS,
    MANIFEST,
    FileRow,
    all_files,
    digests_bytes,
    manifest_bytes,
    read_manifest,
)

RUN = "run.json"
"""The one file under no digest: clock times and machines."""

Kind = Literal["missing", "extra", "altered", "truncated", "renamed", "link", "special", "unfinished", "unreadable"]


@dataclass(frozen=True)
class Problem:
    """One thing that is not as the manifest says: the `path` in the dataset, the `kind`, and a sentence about it."""

    path: str
    kind: Kind
    detail: str


def verify(root: Path, on_file: Callable[[str], None] = lambda path: None) -> list[Problem]:
    """Hold every file of a dataset against its size and SHA-256: those that the manifest lists, the manifest, the card.

    Problems come in order of path; an empty list means that all is there, unchanged, and nothing else. `on_file` is
    told of each listed file that was looked at. Where the manifest itself was changed and cannot be read any more, that
    is all that can be said. Raises DatasetError when there is none, or one of another version.
    """
    problems, own = _own_files(root)
    try:
        manifest = read_manifest(root)
    except DatasetError:
        if all(problem.path != MANIFEST for problem in problems):
            raise
        return problems
    listed = {file.path: file for file in all_files(manifest)}
    found: dict[str, Path] = {}
    for path, kind in _walk(root):
        name = os.fsencode(path.relative_to(root).as_posix()).decode(errors="replace")
        if kind is None:
            found[name] = path
        else:
            problems.append(Problem(name, kind, _ODD[kind]))
    odd = {problem.path for problem in problems}
    if MANIFEST not in odd and (root / MANIFEST).read_bytes() != manifest_bytes(manifest):
        problems.append(Problem(MANIFEST, "altered", "is not written as gold-data writes it"))
    missing = {name: file for name, file in listed.items() if name not in found and name not in odd}
    extra = {name: path for name, path in found.items() if name not in listed and name not in own and name != RUN}
    for name, file in listed.items():
        if name in found:
            problems += _compare(name, found[name], file)
        on_file(name)
    problems += _absent_and_unknown(missing, extra)
    return sorted(problems, key=lambda problem: (problem.path, problem.kind))


_ODD: dict[Kind, str] = {
    "link": "is a link; a dataset holds plain files and folders",
    "special": "is no plain file; a dataset holds plain files and folders",
    "unfinished": "is left from a job that was killed; it can be removed",
}


def _own_files(root: Path) -> tuple[list[Problem], frozenset[str]]:
    """What is wrong with the files that the manifest cannot list, and which they are."""
    stated = _stated(root / DIGESTS)
    if stated is None:
        there = (root / DIGESTS).is_file()
        wrong = (
            Problem(DIGESTS, "altered", f"is not written as gold-data writes it: the digests of {MANIFEST} and {CARD}")
            if there
            else Problem(DIGESTS, "missing", f"holds the digests of {MANIFEST} and {CARD}")
        )
        return [wrong], frozenset({DIGESTS, MANIFEST, CARD})
    problems = []
    for name, sha256 in stated.items():
        try:
            if _sha256(root / name) != sha256:
                problems.append(Problem(name, "altered", f"has another SHA-256 than {DIGESTS} says"))
        except FileNotFoundError:
            problems.append(Problem(name, "missing", f"is listed in {DIGESTS}"))
        except OSError as error:
            problems.append(Problem(name, "unreadable", f"cannot be read ({error.strerror})"))
    return problems, frozenset({DIGESTS, *stated})


def _stated(path: Path) -> Mapping[str, str] | None:
    """The digests in manifest.sha256, None where it is not there or not as it is written."""
    try:
        content = path.read_bytes()
        lines = [line.split("  ") for line in content.decode().splitlines()]
        stated = {name: sha256 for sha256, name in lines}
    except (OSError, ValueError):
        return None
    sound = set(stated) <= {MANIFEST, CARD} and all(re.fullmatch("[0-9a-f]{64}", one) for one in stated.values())
    return stated if sound and MANIFEST in stated and content == digests_bytes(stated) else None


def _walk(root: Path) -> Iterator[tuple[Path, Kind | None]]:
    """Every file, and every folder that is not gone into, with what is odd about it."""
    for place, folders, names in os.walk(root):
        for name in list(folders):
            kind = _odd(Path(place, name))
            if kind is not None:
                folders.remove(name)
                yield Path(place, name), kind
        for name in names:
            path = Path(place, name)
            yield path, _odd(path) or (None if path.is_file() else "special")


def _odd(path: Path) -> Kind | None:
    return "link" if path.is_symlink() else "unfinished" if is_partial(path) else None


def _compare(name: str, path: Path, file: FileRow) -> list[Problem]:
    try:
        size = path.stat().st_size
        if size < file.size:
            return [Problem(name, "truncated", f"has {size} bytes of {file.size}")]
        if size > file.size:
            return [Problem(name, "altered", f"has {size} bytes where {file.size} are listed")]
        if _sha256(path) != file.sha256:
            return [Problem(name, "altered", "has the listed size and another SHA-256")]
    except OSError as error:
        return [Problem(name, "unreadable", f"cannot be read ({error.strerror})")]
    return []


def _absent_and_unknown(missing: dict[str, FileRow], extra: dict[str, Path]) -> list[Problem]:
    # Only files of a size that is missed are read: a foreign file beside the dataset may be large.
    sizes = {file.size for file in missing.values()}
    strangers: dict[str, list[str]] = {}
    for name, path in sorted(extra.items()):
        if path.stat().st_size in sizes:
            strangers.setdefault(_sha256(path), []).append(name)
    problems: list[Problem] = []
    renamed: set[str] = set()
    for name, file in sorted(missing.items()):
        same = strangers.get(file.sha256)
        if same:
            renamed.add(same[0])
            problems.append(Problem(name, "renamed", f"stands at {same.pop(0)}"))
        else:
            problems.append(Problem(name, "missing", f"{file.size} bytes are listed"))
    return problems + [
        Problem(name, "extra", "is not in the manifest") for name in sorted(extra) if name not in renamed
    ]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
