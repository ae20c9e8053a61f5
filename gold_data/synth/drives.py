"""Scenarios as WOMD cuts them out of a drive: one a drive, or windows of one drive that overlap."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gold_data.synth.lanes import MapOfPlace, draw_map
from gold_data.synth.predictions import choose_interesting, choose_predicted
from gold_data.synth.road_users import RoadUser
from gold_data.synth.scenes import Scene, draw_scene
from gold_data.synth.sites import Site, draw_site
from gold_data.synth.traffic import STEP
from gold_data.womd.messages import SIGNAL, STATE, Lane, Scenario, Track

NINE_SECONDS = 91
"""Steps of a record of WOMD's training split."""

CURRENT = 10
"""Steps of history before the current one."""

TWENTY_SECONDS = 198
"""Steps of a drive that WOMD cuts windows from."""

LONGEST_SHIFT = 50
"""Steps between two windows, at most, as in WOMD's."""


@dataclass(frozen=True)
class Drive:
    """A drive over all its windows: what is drawn of its place, all tracks (the SDC last), the lights at each step."""

    drawn: MapOfPlace
    tracks: tuple[Track, ...]
    signals: NDArray[np.void]


def make_scenario(seed: int, index: int, steps: int = NINE_SECONDS, same_drive: int | None = None) -> Scenario:
    """Scenario `index` of a seed: a function of the arguments alone.

    With `same_drive` windows a drive, scenarios 0 to `same_drive` - 1 are of one drive, and so on; they have the same
    map features, ids included, and the tracks keep their ids.
    """
    windows = same_drive or 1
    shift = window_shift(steps, windows)
    drive = _make_drive(seed, index // windows, steps + (windows - 1) * shift)
    begin = index % windows * shift
    span = slice(begin, begin + steps)
    cut = [Track(track.id, track.object_type, track.states[span]) for track in drive.tracks]
    tracks = tuple(track for track in cut if track.states["valid"].any())
    current = min(CURRENT, steps - 1)
    interesting = choose_interesting(tracks, current)
    return Scenario(
        scenario_id=hashlib.sha256(f"{seed}/{index}/{steps}/{windows}".encode()).hexdigest()[:16],
        timestamps_seconds=np.arange(steps) / round(1 / STEP),
        current_time_index=current,
        tracks=tracks,
        dynamic_map_states=tuple(drive.signals[span]),
        map_features=drive.drawn.features,
        sdc_track_index=len(tracks) - 1,
        objects_of_interest=interesting,
        tracks_to_predict=choose_predicted(tracks, current, interesting),
    )


def window_shift(steps: int, windows: int) -> int:
    """Steps from one window of a drive to the next: so few that they overlap and, if it can be, fit into 20 s."""
    if windows == 1:
        return 0
    return max(1, min(LONGEST_SHIFT, steps // 2, (TWENTY_SECONDS - steps) // (windows - 1)))


@lru_cache(maxsize=1)
def _make_drive(seed: int, number: int, steps: int) -> Drive:
    random = np.random.default_rng([seed, number])
    scene = draw_scene(random, steps)
    site = draw_site(random)
    drawn = draw_map(scene.place, site)
    ids = random.integers(1, 2500) + np.cumsum(random.integers(1, 4, size=len(scene.others) + 1))
    # The recording car's number is well above the others'.
    ids[-1] += random.integers(1, 900)
    users = [*scene.others, scene.sdc]
    tracks = tuple(Track(int(id), user.type, _states(user, site)) for id, user in zip(ids, users, strict=True))
    return Drive(drawn, tracks, _signals(scene, drawn))


def _states(user: RoadUser, site: Site) -> NDArray[np.void]:
    ground = site.ground(user.points)
    length, width, height = user.size
    steps = len(ground)
    velocity = np.gradient(ground[:, :2], STEP, axis=0)
    columns = {
        "center_x": ground[:, 0],
        "center_y": ground[:, 1],
        "center_z": ground[:, 2] + height / 2,
        "length": length,
        "width": width,
        "height": height,
        "heading": site.headings(user.headings),
        "velocity_x": velocity[:, 0],
        "velocity_y": velocity[:, 1],
        "valid": True,
    }
    states = np.zeros(steps, dtype=STATE)
    for name, values in columns.items():
        states[name] = np.where(user.present, values, 0)
    return states


def _signals(scene: Scene, drawn: MapOfPlace) -> NDArray[np.void]:
    """At each step (T, C) the state of every connector with lights, with the point where the lane before it ends."""
    rows = np.zeros(scene.signals.shape, dtype=SIGNAL)
    lit = [place for place, link in enumerate(scene.place.connectors) if link.group is not None]
    if lit:
        starts = {feature.id: feature.polyline[0] for feature in drawn.features if isinstance(feature, Lane)}
        lanes = [drawn.connector_lanes[place] for place in lit]
        rows["lane"], rows["stop_point"] = lanes, [starts[lane] for lane in lanes]
        rows["state"] = scene.signals
    return rows
