"""manifest.json: what a dataset is made of, with the size and digest of every file and counts that add up."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from gold_data.errors import DatasetError
from gold_data.shards.folder import write_whole_file

FORMAT: Final = "gold-data dataset"
FORMAT_VERSION: Final = 1
MANIFEST = "manifest.json"
CARD = "README.md"
DIGESTS = "manifest.sha256"
"""What no manifest can hold: its own digest, and that of the card, which quotes it; as `sha256sum --check` reads it."""
SHARDS = "shards"


def _inside(path: str) -> str:
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or any(sign in path for sign in "\\:\0"):
        raise ValueError("is not a relative path that stays inside the dataset")
    return path


def _name(path: str) -> str:
    if "/" in path:
        raise ValueError("is not the name of a folder")
    return _inside(path)


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
RelativePath = Annotated[str, AfterValidator(_inside)]
FolderName = Annotated[str, AfterValidator(_name)]
Number = Annotated[int, Field(ge=0)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FileRow(_Row):
    """One file: its path, size in bytes and SHA-256."""

    path: RelativePath
    size: Number
    sha256: Sha256

    @classmethod
    def of(cls, path: str, content: bytes) -> Self:
        """Give the row of a file with this content."""
        return cls(path=path, size=len(content), sha256=hashlib.sha256(content).hexdigest())


class ShardRow(_Row):
    """One shard as the writer made it; its files' paths begin at the shard's own folder."""

    name: FolderName
    episodes: Number
    steps: Number
    content_digest: Sha256
    files: Annotated[tuple[FileRow, ...], Field(min_length=1)]

    @property
    def bytes(self) -> int:
        """Size of all its files."""
        return sum(file.size for file in self.files)

    def in_split(self, split: str) -> Shard:
        """Give the row for the manifest, with the split that the shard belongs to."""
        return Shard(split=split, **dict(self))


class Shard(ShardRow):
    """One shard of a dataset, in the folder `shards/`."""

    split: FolderName


class RecordCounts(_Row):
    """Records met in the sources: read = damaged + duplicate + scenarios."""

    read: Number
    damaged: Number
    duplicate: Number
    scenarios: Number


class ScenarioCounts(_Row):
    """Scenarios with at least one episode, with none, and those that the asked-for size left out."""

    kept: Number
    rejected: Number
    unplanned: Number = 0


class EgoCounts(_Row):
    """Candidate cars: considered = kept + rejected. Unplanned are those that a limit or the asked-for size left out."""

    considered: Number
    kept: Number
    rejected: Number
    unplanned: Number = 0


class DemonstrationCounts(_Row):
    """Disturbed drives of the egos that were kept: driven = kept + rejected."""

    driven: Number
    kept: Number
    rejected: Number


class Counts(_Row):
    """The dataset's sums: episodes are the kept egos' and demonstrations'; `bytes` are those of the shards."""

    records: RecordCounts
    scenarios: ScenarioCounts
    egos: EgoCounts
    demonstrations: DemonstrationCounts = DemonstrationCounts(driven=0, kept=0, rejected=0)
    episodes: Number
    steps: Number
    bytes: Number

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        records, scenarios, egos, drives = self.records, self.scenarios, self.egos, self.demonstrations
        _equal("records read", records.read, records.damaged + records.duplicate + records.scenarios)
        _equal("scenarios", records.scenarios, scenarios.kept + scenarios.rejected + scenarios.unplanned)
        _equal("egos considered", egos.considered, egos.kept + egos.rejected)
        _equal("demonstrations driven", drives.driven, drives.kept + drives.rejected)
        _equal("episodes", self.episodes, egos.kept + drives.kept)
        return self


class EngineCheck(_Row):
    """How episodes of the batched engine differ from the same ones driven in MetaDrive.

    Positions are the furthest of each episode, m; the others are shares of steps and of episodes. `beyond` names what
    is beyond its bound in the settings.
    """

    episodes: Number
    failed: Number
    steps: Number
    position_median: float
    position_p95: float
    position_max: float
    rewards_off: float
    flags_off: float
    ends_off: float
    beyond: tuple[str, ...]


class SplitCounts(_Row):
    """Scenarios of a split that were planned and kept, and what came of them."""

    planned: Number
    kept: Number
    episodes: Number
    steps: Number


class ObservationBlock(_Row):
    """A named slice of the observation vector: columns start to stop, one name each, and its definition's digest."""

    name: str
    start: Number
    stop: Number
    names: tuple[str, ...]
    version: Number = 1
    digest: Sha256
    meaning: str = ""
    low: float = 0.0
    high: float = 1.0

    @model_validator(mode="after")
    def _named(self) -> Self:
        _equal(f"names of block {self.name}", len(self.names), self.stop - self.start)
        return self


class Manifest(_Row):
    """All that is said of a dataset under its digest; clock times and machines stand in run.json."""

    model_config = ConfigDict(title="manifest.json of a gold-data dataset")

    format: Literal["gold-data dataset"] = FORMAT
    format_version: Literal[1] = FORMAT_VERSION
    gold_data_version: str
    settings_digest: Sha256
    observation_digest: Sha256
    statistics_digest: Sha256
    engine: str = "metadrive"
    engine_check: EngineCheck | None = None
    counts: Counts
    splits: dict[FolderName, SplitCounts]
    observation_blocks: tuple[ObservationBlock, ...]
    shards: tuple[Shard, ...]
    files: tuple[FileRow, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _equal("episodes", self.counts.episodes, sum(shard.episodes for shard in self.shards))
        _equal("steps", self.counts.steps, sum(shard.steps for shard in self.shards))
        _equal("bytes", self.counts.bytes, sum(shard.bytes for shard in self.shards))
        _equal("scenarios kept", self.counts.scenarios.kept, sum(split.kept for split in self.splits.values()))
        for split, counts in self.splits.items():
            shards = [shard for shard in self.shards if shard.split == split]
            _equal(f"episodes of {split}", counts.episodes, sum(shard.episodes for shard in shards))
            _equal(f"steps of {split}", counts.steps, sum(shard.steps for shard in shards))
        unknown = sorted({shard.split for shard in self.shards} - set(self.splits))
        if unknown:
            raise ValueError(f"shards of a split that is not listed: {', '.join(unknown)}")
        twice = [path for path, times in Counter(row.path for row in all_files(self)).items() if times > 1]
        if twice:
            raise ValueError(f"{twice[0]} is listed twice")
        self._check_blocks()
        return self

    def _check_blocks(self) -> None:
        stop = 0
        for block in self.observation_blocks:
            _equal(f"first column of block {block.name}", block.start, stop)
            stop = block.stop
        _equal(
            "names of observation blocks",
            len({block.name for block in self.observation_blocks}),
            len(self.observation_blocks),
        )


def _equal(what: str, said: int, found: int) -> None:
    if said != found:
        raise ValueError(f"{what}: {said} is said, {found} is what the rest adds up to")


def all_files(manifest: Manifest) -> list[FileRow]:
    """List every file under the manifest's digests, with paths that begin at the dataset's folder."""
    of_shards = [
        file.model_copy(update={"path": f"{SHARDS}/{shard.name}/{file.path}"})
        for shard in manifest.shards
        for file in shard.files
    ]
    return [*of_shards, *manifest.files]


def canonical(value: Any) -> bytes:
    """Write plain data as the one JSON text that stands for it: sorted keys, indent 1, UTF-8, a newline at the end."""
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def manifest_bytes(manifest: Manifest) -> bytes:
    """Give the bytes of manifest.json."""
    return canonical(manifest.model_dump(mode="json"))


def digest(manifest: Manifest) -> str:
    """SHA-256 of manifest.json: the name of the whole dataset's content."""
    return hashlib.sha256(manifest_bytes(manifest)).hexdigest()


def write_manifest(root: Path, manifest: Manifest, card: str | None = None) -> str:
    """Write manifest.json into a dataset's folder, with its card where there is one, and give the manifest's digest.

    The manifest is the last of what is written, so that a folder with one is a whole dataset. Raises OutputError when
    a file cannot be written.
    """
    own = {MANIFEST: manifest_bytes(manifest)}
    if card is not None:
        own[CARD] = card.encode()
    own[DIGESTS] = digests_bytes({name: hashlib.sha256(content).hexdigest() for name, content in own.items()})
    for name in reversed(own):
        write_whole_file(root / name, own[name])
    return digest(manifest)


def digests_bytes(digests: Mapping[str, str]) -> bytes:
    """Give the bytes of manifest.sha256: a line `DIGEST  NAME` for each file by name."""
    return "".join(f"{sha256}  {name}\n" for name, sha256 in digests.items()).encode()


def read_manifest(root: Path) -> Manifest:
    """Read and check the manifest of a dataset's folder.

    Raises DatasetError when it is missing, foreign, of a newer version, or contradicts itself.
    """
    path = root / MANIFEST
    try:
        data = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DatasetError(f"{root}: no {MANIFEST} here; name the folder that `gold-data convert` wrote") from error
    except (OSError, ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: cannot be read as JSON ({error}); fetch or convert the dataset again") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise DatasetError(f"{path}: is not a gold-data manifest; name the folder that `gold-data convert` wrote")
    version = data.get("format_version")
    if version != FORMAT_VERSION:
        raise DatasetError(
            f"{path}: has format version {version!r} and this gold-data reads {FORMAT_VERSION}; "
            "install the version of gold-data that wrote it"
        )
    try:
        return Manifest.model_validate_json(json.dumps(data))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "counts"
        raise DatasetError(
            f"{path}: {place}: {first['msg']}; the file was changed, fetch or convert the dataset again"
        ) from error


def schema_text() -> str:
    """Give the content of schemas/manifest.schema.json: JSON Schema of the manifest, for readers without our code.

    `python -c "from gold_data.shards.manifest import schema_text; print(end=schema_text())"` writes it.
    """
    return json.dumps(Manifest.model_json_schema(), indent=2, sort_keys=True) + "\n"
