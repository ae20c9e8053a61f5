"""Many environments at once: arrays in, arrays out, nothing allocated in a step.

    batch = Batch(scenes, 1024, settings)
    batch.reset(np.arange(1024), np.arange(1024) % len(scenes))
    batch.step(actions)
    batch.observations, batch.rewards, batch.terminated

What an environment does depends on its scene and its actions alone: not on how many there are, on their order, or on
the number of threads.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import njit, prange
from numba.extending import register_jitable
from numpy.typing import NDArray

from gold_data.errors import SceneError
from gold_data.replay.batched import vehicle
from gold_data.replay.batched.along import compile_route, write_navigation, write_pace
from gold_data.replay.batched.compiled import compile_scene
from gold_data.replay.batched.environment import (
    ENVIRONMENT,
    SIDE,
    STOCK,
    World,
    begin,
    drive_on,
    look,
    nobody_near,
    stack_world,
)
from gold_data.replay.batched.judging import (
    HUMAN,
    OBJECT,
    OUT_OF_ROAD,
    VEHICLE,
    cost,
    driving_reward,
    is_terminated,
    reward,
    standing,
)
from gold_data.replay.batched.starting import Starts, compile_start, touch_at_once
from gold_data.replay.batched.touching import nearest_touched
from gold_data.replay.observation import blocks
from gold_data.replay.scene import Scene
from gold_data.replay.surroundings import (
    Surroundings,
    forward_speed,
    stack_surroundings,
    surroundings_of,
    write_surroundings,
)
from gold_data.replay.variation import Variation
from gold_data.settings import ConvertSettings

CONTACT = VEHICLE | OBJECT | HUMAN
OTHER_PARKED, AT_FAULT = 32, 64
"""Bits of gold_data.replay.flags.Flag."""
PARKED = 0.3
"""m/s of the record below which a road user counts as parked."""
ROWS_A_THREAD = 256
"""Environments that a thread has at least, if there are several threads."""
NAVIGATION, PACE = 22, 4
"""Numbers of the blocks behind MetaDrive's own."""

EPISODE = np.dtype(
    [
        ("longitude", "f8"),  # m along the route
        ("forward", "f8"),  # m/s along the heading
        ("limit", "i8"),  # steps
        ("slack", "i8"),  # frames by which to arrive later than the record does
        ("arrived", "?"),  # at this step or before
    ]
)


class Around(NamedTuple):
    """What the blocks of the surroundings are made of: see SurroundingsTable."""

    around: NDArray[np.void]
    lengths: NDArray[np.float64]
    stops: NDArray[np.float64]
    colours: NDArray[np.int8]
    limits: NDArray[np.float64]


class Results(NamedTuple):
    """What the last step gave, one row an environment; see gold_data.replay.drive.Outcome."""

    observations: NDArray[np.float32]  # (B, D)
    rewards: NDArray[np.float32]
    costs: NDArray[np.float32]
    flags: NDArray[np.uint16]
    contact_bearings: NDArray[np.float32]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    arrived: NDArray[np.bool_]


class Batch:
    """B environments, each in one of S scenes; `results` are written over by each reset and step."""

    def __init__(self, scenes: Iterable[Scene], environments: int, settings: ConvertSettings) -> None:
        """`scenes` are compiled one by one, of which a tenth of their memory is left.

        Raises SceneError for no environment and no scene.
        """
        self._make_room(environments, settings.simulator.lidar_rays)
        compiled, routes, surroundings, starts = [], [], [], []
        for scene in scenes:
            compiled.append(compile_scene(scene))
            routes.append(compile_route(scene))
            surroundings.append(surroundings_of(scene))
            starts.append(compile_start(scene))
        simulator = settings.simulator
        self._world = stack_world(compiled, routes, simulator.lidar_rays, simulator.max_speed_km_h)
        self._around = stack_around(surroundings)
        self._to_record_end = settings.ends.end == "record"
        self._starts = Starts(starts, settings.ends)

    def another(self, environments: int) -> Batch:
        """As many environments in the same scenes, which are not compiled again. Raises SceneError for none."""
        made = copy.copy(self)
        made._make_room(environments, len(self._world.lidar))
        return made

    @property
    def environments(self) -> NDArray[np.void]:
        """(B,) ENVIRONMENT, as the last reset or step left it; to be read."""
        return self._environments

    @property
    def longitudes(self) -> NDArray[np.float64]:
        """(B,) m along the route."""
        return np.array(self._episodes["longitude"])

    @property
    def speeds(self) -> NDArray[np.float64]:
        """(B,) m/s."""
        return np.hypot(self.states[:, vehicle.SPEED_X], self.states[:, vehicle.SPEED_Y])

    def reset(
        self, which: NDArray[np.int64], scenes: NDArray[np.int64], variations: Sequence[Variation | None] = ()
    ) -> NDArray[np.bool_]:
        """Begin episodes: environment which[k] in scene scenes[k], as variations[k] has it, if there are any.

        Gives (n,) whether each is varied: one that would touch somebody at once begins as its record does. Raises
        SceneError for an environment or a scene that there is not, and for a variation that its record has no room for.
        """
        for name, asked, there in (
            ("environment", which, len(self._environments)),
            ("scene", scenes, len(self._starts)),
        ):
            unknown = asked[(asked < 0) | (asked >= there)]
            if len(unknown):
                raise SceneError(f"there is no {name} {unknown[0]}: they go from 0 to {there - 1}")
        begun = self._starts.of(scenes, variations)
        self._environments["scene"][which], self._environments["traffic"][which] = scenes, begun.traffic
        self._episodes["limit"][which], self._episodes["slack"][which] = begun.limits, begun.slack
        with threads_for(len(which)):
            _reset(
                self._world,
                self._around,
                begun.poses,
                begun.frames,
                which,
                self._environments,
                self._episodes,
                self.states,
                self._near,
                self.results,
            )
        among = np.flatnonzero(begun.varied)
        if len(among):
            touching = among[touch_at_once(self._world, which[among], self._environments, self.states)]
            if len(touching):
                self.reset(which[touching], scenes[touching])
                begun.varied[touching] = False
        return begun.varied

    def step(self, actions: NDArray[np.floating]) -> None:
        """Go on by 0.1 s with (B, 2) steering and throttle, clipped to [-1, 1] and rounded to float32.

        Raises SceneError for an action that is no number.
        """
        if actions.shape != (len(self._environments), 2):
            raise SceneError(
                f"actions of shape {actions.shape}: give two numbers for each of {len(self._environments)}"
            )
        if not np.isfinite(actions).all():
            lost = int(np.argmin(np.isfinite(actions).all(axis=1)))
            raise SceneError(f"the action of environment {lost} is {actions[lost].tolist()}: give two numbers")
        executed = np.clip(actions, -1.0, 1.0).astype(np.float32).astype(np.float64)
        with threads_for(len(executed)):
            _step(
                self._world,
                self._around,
                self._to_record_end,
                executed,
                self._environments,
                self._episodes,
                self.states,
                self._near,
                self.results,
            )

    def _make_room(self, environments: int, lidar_rays: int) -> None:
        if environments < 1:
            raise SceneError(f"a batch of {environments} environments: ask for one at least")
        self._environments = np.zeros(environments, ENVIRONMENT)
        self._episodes = np.zeros(environments, EPISODE)
        self.states = np.zeros((environments, vehicle.STATE))
        self._near = np.stack([nobody_near() for _ in range(environments)])
        self.results = room_for(environments, lidar_rays)


@contextmanager
def threads_for(rows: int) -> Iterator[None]:
    """As many threads as have enough to do: to wait for each other costs more than a few steps do."""
    before = numba.get_num_threads()
    numba.set_num_threads(max(1, min(before, rows // ROWS_A_THREAD)))
    try:
        yield
    finally:
        numba.set_num_threads(before)


def stack_around(surroundings: Sequence[Surroundings]) -> Around:
    """Put the surroundings of scenes end to end, as kernels read them."""
    table = stack_surroundings(surroundings)
    return Around(table.around, table.lengths, table.stops, table.colours, table.limits)


def room_for(environments: int, lidar_rays: int) -> Results:
    """Results of that many environments, with nothing in them yet."""
    size = sum(block.size for block in blocks(lidar_rays))
    return Results(
        observations=np.zeros((environments, size), np.float32),
        rewards=np.zeros(environments, np.float32),
        costs=np.zeros(environments, np.float32),
        flags=np.zeros(environments, np.uint16),
        contact_bearings=np.zeros(environments, np.float32),
        terminated=np.zeros(environments, bool),
        truncated=np.zeros(environments, bool),
        arrived=np.zeros(environments, bool),
    )


@njit(cache=True, parallel=True)
def _reset(
    world: World,
    around: Around,
    starts: NDArray[np.float64],
    frames: NDArray[np.int64],
    which: NDArray[np.int64],
    environments: NDArray[np.void],
    episodes: NDArray[np.void],
    states: NDArray[np.float64],
    near: NDArray[np.void],
    results: Results,
) -> None:
    for number in prange(len(which)):
        index = which[number]
        reset_one(world, around, starts[number], frames[number], index, environments, episodes, states, near, results)


@njit(cache=True)
def reset_one(
    world: World,
    around: Around,
    start: NDArray[np.float64],
    frame: int,
    index: int,
    environments: NDArray[np.void],
    episodes: NDArray[np.void],
    states: NDArray[np.float64],
    near: NDArray[np.void],
    results: Results,
) -> None:
    """Begin an episode of one environment, in the scene that its row names, at a frame of it and a (5,) start."""
    environment, episode, state = environments[index], episodes[index], states[index]
    x, y, heading, speed_x, speed_y = start
    begin(environment, state, near[index], x, y, heading, speed_x, speed_y)
    environment.steps = frame
    episode.arrived = False
    episode.forward = forward_speed(heading, speed_x, speed_y)
    tell_start(world, around, index, environments, episodes, states, results)


@register_jitable
def tell_start(
    world: World,
    around: Around,
    index: int,
    environments: NDArray[np.void],
    episodes: NDArray[np.void],
    states: NDArray[np.float64],
    results: Results,
) -> None:
    """Write what there is to see in one environment at its start, where nothing has happened yet."""
    episode = episodes[index]
    place = _observe(world, around, environments[index], episode, states[index], results.observations[index])
    episode.longitude = place.longitude
    results.rewards[index] = results.costs[index] = 0.0
    results.flags[index] = 0
    results.contact_bearings[index] = math.nan
    results.terminated[index] = results.truncated[index] = results.arrived[index] = False


@njit(cache=True, parallel=True)
def _step(
    world: World,
    around: Around,
    to_record_end: bool,
    actions: NDArray[np.float64],
    environments: NDArray[np.void],
    episodes: NDArray[np.void],
    states: NDArray[np.float64],
    near: NDArray[np.void],
    results: Results,
) -> None:
    for number in prange(len(environments)):  # numba takes what such a loop adds to for a sum: nothing is added here
        index = np.int64(number)  # that of the loop is unsigned: all below would be compiled once more
        step_one(world, around, to_record_end, actions, index, environments, episodes, states, near, results)


@njit(cache=True)
def step_one(
    world: World,
    around: Around,
    to_record_end: bool,
    actions: NDArray[np.float64],
    index: int,
    environments: NDArray[np.void],
    episodes: NDArray[np.void],
    states: NDArray[np.float64],
    near: NDArray[np.void],
    results: Results,
) -> None:
    """Go on by 0.1 s in one environment, with its row of clipped and rounded actions."""
    environment, state = environments[index], states[index]
    flags = drive_on(world, environment, state, near[index], actions[index, 0], actions[index, 1])
    tell_one(world, around, to_record_end, flags, index, environments, episodes, states, results)


@register_jitable
def tell_one(
    world: World,
    around: Around,
    to_record_end: bool,
    flags: int,
    index: int,
    environments: NDArray[np.void],
    episodes: NDArray[np.void],
    states: NDArray[np.float64],
    results: Results,
) -> None:
    """Write what a step has given in one environment, which stands at the step's end and has raised these flags."""
    environment, episode, state = environments[index], episodes[index], states[index]
    before = episode.longitude
    place = _observe(world, around, environment, episode, state, results.observations[index])
    episode.longitude = place.longitude
    _, _, _, heading, speed_x, speed_y, _ = vehicle.readings(state)
    speed = math.hypot(speed_x, speed_y)
    now = standing(place.longitude, place.lateral, world.routes[environment.scene].length)
    episode.arrived = episode.arrived or now.arrived
    bearing = math.nan
    if flags & CONTACT:
        flags, bearing = _judge(world, environment, state, flags, speed)
    if now.out_of_road:
        flags |= OUT_OF_ROAD
    driving = driving_reward(
        before, place.longitude, place.lateral, place.heading, heading, environment.steering, speed
    )
    terminated = is_terminated(now, to_record_end)
    results.rewards[index] = reward(driving, flags, now)
    results.costs[index] = cost(flags)
    results.flags[index] = flags
    results.contact_bearings[index] = bearing
    results.terminated[index] = terminated
    results.truncated[index] = not terminated and environment.steps >= episode.limit
    results.arrived[index] = episode.arrived


@register_jitable
def _observe(
    world: World, around: Around, environment: Any, episode: Any, state: NDArray[np.float64], out: NDArray[np.float32]
) -> Any:
    """Write all blocks of an observation; where on the route the ego is. `episode.forward` is that of a step ago."""
    behind_stock = SIDE + STOCK + len(world.lidar)
    place = look(world, environment, state, out[:behind_stock])
    route = world.routes[environment.scene]
    x, y, _, heading, speed_x, speed_y, yaw_rate = vehicle.readings(state)
    write_navigation(route, world.checkpoints, place, x, y, heading, out[behind_stock : behind_stock + NAVIGATION])
    write_pace(
        route.start + environment.steps,
        route.last + episode.slack,
        place.longitude,
        route.length,
        math.hypot(speed_x, speed_y),
        world.max_speed_km_h / 3.6,
        out[behind_stock + NAVIGATION : behind_stock + NAVIGATION + PACE],
    )
    scene = world.scenes[environment.scene]
    frame = min(environment.steps + environment.traffic, scene.frames)
    write_surroundings(
        around.around[environment.scene],
        around.lengths,
        around.stops,
        around.colours,
        around.limits,
        route,
        world.route_segments,
        world.poses,
        world.poses_of[scene.frame + frame],
        world.poses_of[scene.frame + frame + 1],
        world.bodies,
        frame,
        place.longitude,
        x,
        y,
        heading,
        speed_x,
        speed_y,
        yaw_rate,
        episode.forward,
        world.max_speed_km_h / 3.6,
        out[behind_stock + NAVIGATION + PACE :],
    )
    episode.forward = forward_speed(heading, speed_x, speed_y)
    return place


@register_jitable
def _judge(world: World, environment: Any, state: NDArray[np.float64], flags: int, speed: float) -> tuple[int, float]:
    """The flags with what is needed to judge a contact, and the bearing (rad) of whom is touched; as Drive has them."""
    scene = world.scenes[environment.scene]
    frame = scene.frame + min(environment.steps + environment.traffic, scene.frames - 1)
    x, y, _, heading, _, _, _ = vehicle.readings(state)
    cos, sin = math.cos(heading), math.sin(heading)
    first, last = world.poses_of[frame], world.poses_of[frame + 1]
    nearest = nearest_touched(flags, x, y, cos, sin, first, last, world.poses, world.bodies)
    if nearest < 0:
        return flags, math.nan
    pose = world.poses[nearest]
    ahead, aside = pose.x - x, pose.y - y
    bearing = math.atan2(aside * cos - ahead * sin, ahead * cos + aside * sin)
    parked = math.hypot(pose.velocity_x, pose.velocity_y) < PARKED
    if parked:
        flags |= OTHER_PARKED
    if speed > 0.5 and (parked or abs(bearing) <= math.pi / 3):
        flags |= AT_FAULT
    return flags, bearing
