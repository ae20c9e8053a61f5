"""Every knob, typed, with its default, unit and reason: made once at the edge, passed down, frozen."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gold_data.errors import SettingsError


class Settings(BaseModel):
    """Frozen, and refuses a name that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


SettingsKind = TypeVar("SettingsKind", bound=Settings)


def _number(value: object) -> object:
    """A number written as text, as the command line gives it: a choice among numbers would not take it."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _pair(value: object) -> object:
    """Two numbers written as text, with a comma between them."""
    if not isinstance(value, str):
        return value
    numbers = tuple(value.split(","))
    if len(numbers) != 2:
        raise ValueError("give two numbers with a comma between them, as in 0.5,1.5")
    return numbers


def _names(value: object) -> object:
    """Names written as text, with commas between them."""
    return tuple(filter(None, value.split(","))) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Pair = Annotated[tuple[float, float], BeforeValidator(_pair)]


class SimulatorSettings(Settings):
    """MetaDrive's configuration, as far as it changes what is driven or seen."""

    lidar_rays: Annotated[Literal[120, 240], BeforeValidator(_number)] = Field(
        120, description="rays of the lidar, 50 m, all round"
    )
    max_speed_km_h: float = Field(160.0, gt=0, description="engine cut-out; MetaDrive's 80 stops real freeway egos")
    buffered_objects: int = Field(
        200, ge=0, description="MetaDrive's num_buffering_objects: bodies recycled inside an episode; changes the bytes"
    )


class EndSettings(Settings):
    """When an episode ends (ScenarioEnv's rules, and the limit that it lacks)."""

    end: Literal["arrival", "record"] = Field(
        "arrival", description="stop on arrival, or go on to the record's end (+5 a step after arrival)"
    )
    limit: float = Field(
        1.0, gt=0, description="time limit, in recorded lengths of the ego: 1 to convert, 1.5 to evaluate"
    )


class TrackerSettings(Settings):
    """Gains of the controller that drives the ego along its record (chosen on 60 real scenes)."""

    smoothing: float = Field(3.0, ge=0, description="weight of the squared third differences of the recorded positions")
    position_gain: float = Field(3.0, gt=0, description="1/s2, acceleration per metre behind schedule")
    speed_gain: float = Field(4.0, gt=0, description="1/s, acceleration per m/s too slow")
    max_acceleration: float = Field(8.0, gt=0, description="m/s2, both ways")
    preview: float = Field(0.10, ge=0, description="s, how far ahead the path's curvature is read")
    look_ahead: float = Field(0.45, gt=0, description="s, distance over which a lateral error is taken back")
    min_look_ahead: float = Field(2.3, gt=0, description="m, the same at low speed")
    max_steering_change: float = Field(0.25, gt=0, description="steering input a step")
    catch_up: float = Field(1.0, gt=0, description="s, over which the read-out's lag of one substep is made good")


class AcceptanceSettings(Settings):
    """Thresholds of the rules that decide which egos become episodes."""

    min_steps: int = Field(60, ge=2, description="shortest unbroken valid run of an ego, steps")
    max_heading: float = Field(60.0, gt=0, description="rad; beyond it the headings are degrees (real ones reach 17)")
    max_course_error: float = Field(1.0, gt=0, description="rad, median angle between heading and velocity when moving")
    min_route: float = Field(10.0, ge=2, description="m; MetaDrive takes less than 2 m for an arrival")
    max_pose_jump: float = Field(3.0, gt=0, description="m/s, between the recorded velocity and the step taken")
    max_map_distance: float = Field(10.0, gt=0, description="m, from the route to the nearest lane")
    contact_margin: float = Field(
        0.25,
        ge=0,
        description="m; a record whose road users all keep further from the ego cannot touch it in the replay",
    )
    max_final_displacement: float = Field(
        0.5, gt=0, description="m, between the driven and the recorded car at the end"
    )


class MovingSettings(Settings):
    """Which other vehicles than the record's own car `--ego moving` drives."""

    most: int = Field(8, ge=1, description="egos a scenario beside the SDC: those that turn first, then by hash of id")
    min_route: float = Field(10.0, ge=2, description="m, route over the ego's longest valid run")
    max_step: float = Field(3.2, gt=0, description="m between two frames; more is a jump of the perception")
    max_speed: float = Field(35.0, gt=0, description="m/s")
    max_length: float = Field(7.0, gt=0, description="m; a car's dynamics do not stand for a truck's")
    turn: float = Field(0.5, ge=0, description="rad of heading, from which on an ego counts as turning")


class DemonstrationSettings(Settings):
    """Disturbed drives of each ego beside the clean one, from which a policy learns to recover."""

    number: int | None = Field(
        None, ge=1, description="disturbed drives an ego; each marked by its start, offset and noise; None: none"
    )
    key: str = Field("gold-data", description="key of the hash that seeds each of them by scenario, ego and number")
    noisy: float = Field(0.8, ge=0, le=1, description="share of the drives with noise on the actions")
    amplitude: Pair = Field((0.3, 1.5), description="range of the noise's amplitude in a drive")
    memory: float = Field(0.85, ge=0, lt=1, description="share of the noise that stays from step to step")
    deviation: Pair = Field((0.10, 0.22), description="of what is added each step: steering, throttle")
    burst: float = Field(0.02, ge=0, le=1, description="chance a step that a burst takes the noise's place")
    burst_deviation: Pair = Field((0.35, 0.6), description="of a burst: steering, throttle")
    inside: float = Field(0.6, ge=0, le=1, description="share of the drives that start inside the record")
    latest: float = Field(0.7, ge=0, lt=1, description="latest start, as a share of the frames until the arrival")
    moved: float = Field(0.7, ge=0, le=1, description="share of the drives that start off the recorded pose")
    left: float = Field(0.8, ge=0, description="m, largest offset to either side")
    heading: float = Field(0.12, ge=0, description="rad, largest turn to either side")
    speed: Pair = Field((0.7, 1.3), description="range of the factor on the recorded speed")
    push: float = Field(1.5, ge=0, description="m/s, largest speed added to that, in half of the moved starts")


class CheckSettings(Settings):
    """How much of what the batched engine drives is driven in MetaDrive too, and how far the two may be apart."""

    share: float = Field(0.02, ge=0, le=1, description="of the episodes, chosen by hash")
    key: str = Field("gold-data", description="key of that hash")
    max_position: float = Field(0.05, ge=0, description="m, 95 % of the episodes' furthest places apart")
    max_rewards_off: float = Field(0.01, ge=0, description="share of steps whose rewards differ by more than 1e-3")
    max_flags_off: float = Field(0.01, ge=0, description="share of steps whose flags differ")
    max_ends_off: float = Field(0.05, ge=0, description="share of episodes that end at another step or in another way")


SPLITS = ("train", "validation", "test")
"""In the order in which they are listed."""


class SplitSettings(Settings):
    """Which scenarios go where: counts of those planned, or some by name, or, where neither is given, 80/10/10 %."""

    train: int | None = Field(None, ge=0)
    validation: int | None = Field(None, ge=0)
    test: int | None = Field(None, ge=0)
    key: str = Field("gold-data", description="key of the hash that orders the drives")
    named_train: Names = Field((), description="scenario ids, in the place of counts; who is not named is left out")
    named_validation: Names = Field((), description="likewise")
    named_test: Names = Field((), description="likewise")


class ConvertSettings(Settings):
    """What `gold-data convert` makes of its sources; the digest of this is in the manifest."""

    ego: Literal["sdc", "moving", "all"] = Field(
        "sdc", description="who is driven: the record's own car, also the others that move, or also all other vehicles"
    )
    engine: Literal["metadrive", "batched"] = Field(
        "metadrive", description="what drives: MetaDrive, the reference, or its twin without the engine"
    )
    unit: int = Field(50, ge=1, description="scenarios in a shard")
    scenarios: bool = Field(False, description="also write the ScenarioNet database")
    simulator: SimulatorSettings = SimulatorSettings()
    ends: EndSettings = EndSettings()
    tracker: TrackerSettings = TrackerSettings()
    acceptance: AcceptanceSettings = AcceptanceSettings()
    moving: MovingSettings = MovingSettings()
    demonstrations: DemonstrationSettings = DemonstrationSettings()
    split: SplitSettings = SplitSettings()
    check: CheckSettings = CheckSettings()


def with_changes(settings: SettingsKind, changes: Mapping[str, str]) -> SettingsKind:
    """Settings with some changed, by dotted name and as text: {"acceptance.min_route": "5"}.

    Raises SettingsError for a name that there is not, and a value that does not fit.
    """
    tree: dict[str, Any] = settings.model_dump()
    for name, value in changes.items():
        *path, last = name.split(".")
        branch: Any = tree
        for part in path:
            branch = branch.get(part) if isinstance(branch, dict) else None
        if not isinstance(branch, dict) or last not in branch or isinstance(branch[last], dict):
            near = difflib.get_close_matches(name, [name for name, _ in leaves(tree)], n=3, cutoff=0.4)
            raise SettingsError(f"there is no setting {name!r}; try {' or '.join(near) or 'those of settings.py'}.")
        branch[last] = value
    try:
        return type(settings).model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{'.'.join(map(str, first['loc']))}={first['input']}: {first['msg']}.") from error


def leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each setting of a tree of them, by its dotted name, with its value."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def digest(settings: Settings) -> str:
    """SHA-256 of the settings as canonical JSON, 64 hex digits."""
    text = json.dumps(settings.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
