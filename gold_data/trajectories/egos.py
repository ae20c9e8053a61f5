"""Who in a record could be driven: its own car, and, where they are asked for, the other human drivers around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.chance import hashed
from gold_data.settings import ConvertSettings, MovingSettings
from gold_data.sources import Outline
from gold_data.trajectories.acceptance import (
    RecordedTrack,
    Rejection,
    Surroundings,
    judge_record,
    longest_runs,
    recorded_route_length,
)

_NUMBERS = ("center_x", "center_y", "center_z", "heading", "velocity_x", "velocity_y")


@dataclass(frozen=True)
class Candidate:
    """An ego that could be driven: the valid run of frames that its episode spans, and why it is not, if it is not."""

    ego_id: str
    first: int
    last: int  # one past the last frame
    rejection: Rejection | None


@dataclass(frozen=True)
class Candidates:
    """The egos of a scenario that are considered, and how many more could have been."""

    egos: tuple[Candidate, ...]
    passed_over: int


def candidates(outline: Outline, settings: ConvertSettings) -> Candidates:
    """The egos that the settings ask for, judged by what the record alone decides.

    The record's own car comes first, if it names one. Other vehicles are candidates where their longest valid run has
    acceptance.min_steps; with `moving` they must also move as MovingSettings says, those that turn come first, then
    the order is that of a keyed hash of their ids, and those beyond the limit are passed over.
    """
    states = outline.states
    valid = np.logical_and.reduce([states["valid"], *(np.isfinite(states[name]) for name in _NUMBERS)])
    runs = longest_runs(valid)
    others = [] if settings.ego == "sdc" else _others(outline, runs, settings)
    taken = others
    if settings.ego == "moving":
        others = [row for row in others if _moves(states[row, slice(*runs[row])], settings.moving)]
        taken = sorted(others, key=lambda row: _rank(outline, row, runs[row], settings))[: settings.moving.most]
    surroundings = _surroundings(outline)
    rows = ([] if outline.sdc is None else [outline.sdc]) + taken
    return Candidates(
        egos=tuple(
            Candidate(
                ego_id=outline.ids[row],
                first=int(runs[row, 0]),
                last=int(runs[row, 1]),
                rejection=judge_record(_recorded(states[row], valid[row]), surroundings, settings.acceptance),
            )
            for row in rows
        ),
        passed_over=len(others) - len(taken),
    )


def _others(outline: Outline, runs: NDArray[np.int64], settings: ConvertSettings) -> list[int]:
    """Rows of the vehicles other than the record's own car that are there for long enough."""
    long_enough = np.flatnonzero(runs[:, 1] - runs[:, 0] >= settings.acceptance.min_steps).tolist()
    return [row for row in long_enough if row != outline.sdc and outline.kinds[row] == "VEHICLE"]


def _moves(states: NDArray[np.void], settings: MovingSettings) -> bool:
    """Whether a vehicle moves, and as a car does, over a valid run."""
    run = _recorded(states, np.ones(len(states), bool))
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.hypot(*np.diff(run.position, axis=0).T)
        return bool(
            steps.sum() >= settings.min_route
            and steps.max() <= settings.max_step
            and np.hypot(*run.velocity.T).max() <= settings.max_speed
            and states["length"].max() <= settings.max_length
            and recorded_route_length(run) >= settings.min_route
        )


def _rank(outline: Outline, row: int, run: NDArray[np.int64], settings: ConvertSettings) -> tuple[bool, str, str]:
    heading = np.unwrap(outline.states["heading"][row, slice(*run)].astype(np.float64))
    turns = bool(np.ptp(heading) > settings.moving.turn)
    name = outline.ids[row]
    return not turns, hashed(f"{outline.scenario_id}/{name}", settings.split.key), name


def _recorded(states: NDArray[np.void], valid: NDArray[np.bool_]) -> RecordedTrack:
    return RecordedTrack(
        position=np.column_stack([states["center_x"], states["center_y"]]),
        heading=states["heading"].astype(np.float64),
        velocity=np.column_stack([states["velocity_x"], states["velocity_y"]]).astype(np.float64),
        valid=valid,
    )


def _surroundings(outline: Outline) -> Surroundings:
    headings = outline.states["heading"][outline.states["valid"]]
    return Surroundings(
        largest_heading=float(np.max(np.abs(headings), initial=0.0)),
        lanes=outline.lane_points[:, :2].astype(np.float64, copy=False),
    )
