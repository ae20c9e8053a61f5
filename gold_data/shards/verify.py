"""Does a dataset's folder hold what its manifest says?"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gold_data.shards.folder import is_partial
from gold_data.shards.manifest import MANIFEST, FileRow, all_files, manifest_bytes, read_manifest

# run.json holds clock times and machines; the card quotes the manifest's digest, so its own cannot stand in there.
NOT_UNDER_DIGEST = frozenset({MANIFEST, "run.json", "README.md"})

Kind = Literal["missing", "extra", "altered", "truncated", "renamed", "link", "unfinished", "unreadable"]


@dataclass(frozen=True)
class Problem:
    """One thing that is not as the manifest says: the `path` in the dataset, the `kind`, and a sentence about it."""

    path: str
    kind: Kind
    detail: str


def verify(root: Path) -> list[Problem]:
    """Hold every file of a dataset against the size and SHA-256 in its manifest; problems come in order of path.

    An empty list means that all is there, unchanged, and nothing else. Raises DatasetError when the manifest cannot be
    read.
    """
    manifest = read_manifest(root)
    listed = {file.path: file for file in all_files(manifest)}
    problems: list[Problem] = []
    found: dict[str, Path] = {}
    for path, kind in _walk(root):
        name = path.relative_to(root).as_posix()
        if kind == "link":
            problems.append(Problem(name, "link", "is a link; a dataset holds plain files and folders"))
        elif kind == "unfinished":
            problems.append(Problem(name, "unfinished", "is left from a job that was killed; it can be removed"))
        else:
            found[name] = path
    if (root / MANIFEST).read_bytes() != manifest_bytes(manifest):
        problems.append(Problem(MANIFEST, "altered", "is not written as gold-data writes it"))
    odd = {problem.path for problem in problems}
    missing = {name: file for name, file in listed.items() if name not in found and name not in odd}
    extra = {name: path for name, path in found.items() if name not in listed and name not in NOT_UNDER_DIGEST}
    for name, file in listed.items():
        if name in found:
            problems += _compare(name, found[name], file)
    problems += _absent_and_unknown(missing, extra)
    return sorted(problems, key=lambda problem: (problem.path, problem.kind))


def _walk(root: Path) -> Iterator[tuple[Path, str]]:
    for place, folders, names in os.walk(root):
        for name in list(folders):
            path = Path(place, name)
            if path.is_symlink() or is_partial(path):
                folders.remove(name)
                yield path, "link" if path.is_symlink() else "unfinished"
        for name in names:
            path = Path(place, name)
            yield path, "link" if path.is_symlink() else "unfinished" if is_partial(path) else "file"


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
