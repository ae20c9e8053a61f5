"""One file that holds scenarios: its name, where it is, and its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from typing import BinaryIO, Literal, TypeAlias

import fsspec

from gold_data.errors import GoldDataError, SourceError

Kind: TypeAlias = Literal["womd", "scenarionet"]

CHANGED = "the file was changed since it was indexed; convert it anew"
"""Why a record whose CRC-32C is another than it was is not read."""


@dataclass(frozen=True)
class Claim:
    """What a database's summary (`summary` is its name) says of a file; None where it does not say it."""

    summary: str
    scenario_id: str | None
    length: int | None  # steps


@dataclass(frozen=True)
class Source:
    """One file that holds scenarios: a TFRecord of WOMD (`kind` "womd") or one pickle of ScenarioNet ("scenarionet").

    `name` is what is written about it: the last folder of the argument and the path below, never an absolute path.
    `location` is where it is, an absolute path or a URL; `argument` the index of the argument that it came from, and
    `size` its number of bytes. Of a pickle in a database, `claims` are what the database says of it, and `fault`, where
    there is one, is why it is set aside without being read.
    """

    name: str
    location: str
    argument: int
    size: int
    kind: Kind
    claims: tuple[Claim, ...] = ()
    fault: str = ""

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The file, to read single records from; raises SourceError where it cannot be opened."""
        with readable(self.location):
            system, path = fsspec.core.url_to_fs(self.location)
            file: BinaryIO = system.open(path, "rb")
        with file:
            yield file

    @contextmanager
    def contents(self) -> Iterator[bytes | mmap]:
        """All bytes of the file, a local one's mapped into memory; raises SourceError where it cannot be opened."""
        with self.open() as file:
            if "://" in self.location:
                yield file.read()
            else:
                with mmap(file.fileno(), 0, access=ACCESS_READ) as mapped:
                    yield mapped


@contextmanager
def readable(shown: str) -> Iterator[None]:
    """Turn what goes wrong with a file into a SourceError; each cloud's library has errors of its own."""
    try:
        yield
    except GoldDataError:
        raise
    except FileNotFoundError as error:
        raise SourceError(f"{shown}: there is no such file or folder; check the path") from error
    except PermissionError as error:
        raise SourceError(f"{shown} may not be read (permission denied); ask its owner, or log in") from error
    except ImportError as error:
        raise SourceError(f"{shown} needs a package that is not installed ({error}); install it with pip") from error
    except Exception as error:
        raise SourceError(f"{shown} cannot be read ({error}); check the path and the connection") from error
