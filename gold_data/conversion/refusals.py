"""What jobs over many records refuse before they begin, and what they say of a drive that did not get through."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from gold_data.conversion.rows import Damaged
from gold_data.errors import SettingsError, SimulatorError, SourceError

LONGEST_TIME_LIMIT = 86_400.0
"""Seconds; beyond some weeks the system cannot wait."""

_log = logging.getLogger(__name__)


def check_time_limit(seconds: float) -> None:
    """Raise SettingsError for what is no number of seconds, or more than a day."""
    if not 0 < seconds <= LONGEST_TIME_LIMIT:
        raise SettingsError(f"--time-limit {seconds:g}: give seconds, more than 0 and no more than a day.")


def nothing_whole(paths: Sequence[str], damaged: Sequence[Damaged]) -> SourceError:
    """The error of sources that hold no whole scenario, with the first of what is damaged."""
    first = "".join(f" ({one.source} at byte {one.offset}: {one.reason})" for one in damaged[:1])
    return SourceError(f"{', '.join(paths)}: not one whole scenario{first}; fetch or make them anew.")


def how_it_failed(error: SimulatorError, scenario_id: str, ego_id: str) -> str:
    """The kind of error and the step, for a row.

    The simulator's own words may hold addresses and paths: they go to the log, the row says what kind it was.
    """
    at = "before the first step" if error.step is None else f"at step {error.step}"
    _log.warning("%s, ego %s: %s %s: %s", scenario_id, ego_id, error.kind, at, error.detail)
    return f"{error.kind} {at}"
