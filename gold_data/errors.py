"""What can go wrong that a user can mend: one class per kind, each message one sentence with place, cause and remedy.

GoldDataError                exit code 2: wrong use, or input that nothing can be made of
├── SourceError              a path or file that holds no scenarios
├── RecordError              one record is damaged; the others are still read
├── SettingsError            a setting that is unknown or out of its range
├── OutputError              a folder that cannot be written, or that is not what it should be
├── DatasetError             a dataset that cannot be read
├── MachineError             a Python version or a system library that is missing
├── SceneError               a scene, or a batch of them, that cannot be driven
├── ClusterError             Dask workers that do not answer
├── StoppedError             a job that stopped and can be resumed (exit code 1; 130 by Ctrl-C)
└── SimulatorError           one scenario that MetaDrive could not drive; it is rejected, the others go on
"""

from __future__ import annotations


class GoldDataError(Exception):
    """Something that the user can mend; `str()` is one sentence with place, cause and remedy."""

    exit_code = 2


class SourceError(GoldDataError):
    """A path or file that holds no scenarios."""


class RecordError(GoldDataError):
    """One damaged record: `source` (a file), `offset` (bytes from its start) and `reason`."""

    def __init__(self, source: str, offset: int, reason: str) -> None:
        super().__init__(f"{source}: record at byte {offset}: {reason}")
        self.source, self.offset, self.reason = source, offset, reason

    def __reduce__(self) -> tuple[type[RecordError], tuple[str, int, str]]:
        return RecordError, (self.source, self.offset, self.reason)


class SettingsError(GoldDataError):
    """A setting that is unknown or out of its range."""


class OutputError(GoldDataError):
    """A folder that cannot be written, or that is not what it should be."""


class DatasetError(GoldDataError):
    """A dataset that cannot be read."""


class MachineError(GoldDataError):
    """A Python version or a system library that is missing."""


class SceneError(GoldDataError):
    """A scene, or a batch of them, that cannot be driven; names scene and field."""


class ClusterError(GoldDataError):
    """Dask workers that do not answer."""


class StoppedError(GoldDataError):
    """A job that stopped on its way: what is finished stays, and it says how to go on."""

    exit_code = 1

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class SimulatorError(GoldDataError):
    """One scenario that MetaDrive could not drive.

    `kind` says what happened ("ValueError", "died by SIGSEGV", "timeout"), `step` in which step of the drive, None
    before the first; the simulator's own words are `detail`, which may differ from run to run.
    """

    def __init__(self, kind: str, step: int | None, detail: str) -> None:
        super().__init__(detail)
        self.kind, self.step, self.detail = kind, step, detail

    def __reduce__(self) -> tuple[type[SimulatorError], tuple[str, int | None, str]]:
        return SimulatorError, (self.kind, self.step, self.detail)
