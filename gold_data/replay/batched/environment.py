"""One environment's step, compiled: the car is driven on, looks around, and what happened is told in flags.

The order is MetaDrive's. In a step of 0.1 s the others go on from the last frame at their recorded velocity, while the
car takes five substeps; contacts are looked for before each and once more at the end. Only then are the others put
where the next frame has them, and seen there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from gold_data.replay.batched import vehicle
from gold_data.replay.batched.along import CompiledRoute, Place, compile_route, locate, stack_routes
from gold_data.replay.batched.compiled import CompiledScene, compile_scene, stack
from gold_data.replay.batched.impact import advance, bodies, forget, others, put_back, respond
from gold_data.replay.batched.rays import lidar, lidar_directions, side
from gold_data.replay.batched.rigid_body import Quaternion, axes_of
from gold_data.replay.batched.stock import write_stock
from gold_data.replay.batched.touching import contacts, on_solid_line
from gold_data.replay.scene import Scene

SIDE, STOCK = 12, 29
"""Numbers of the side detector, and of the blocks `ego` and `navigation_stock`."""
SUBSTEP, SUBSTEPS = 0.02, 5
NEAR = 12
"""How many others can push the ego in one step; whom it touches is looked for among all."""
REACH = 4.0
"""m beyond both bodies within which somebody may come to the ego in 0.1 s, each at 20 m/s."""
EGO_REACH = math.hypot(4.515, 1.852) / 2
SOLID_LINE = 8
"""Bit of gold_data.replay.flags.Flag."""
HEADING = vehicle.SHOWN + 3

ENVIRONMENT = np.dtype(
    [
        ("scene", "i8"),
        ("steps", "i8"),  # since the reset, or since the record began where the episode begins inside it
        ("traffic", "i8"),  # frames by which all others are ahead of that
        ("heading_before", "f8"),  # rad, as it was read out before the last step
        ("steering", "f8"),  # as executed last
        ("throttle", "f8"),
    ]
)
"""One environment, beside its car's state (vehicle.STATE numbers) and those that it may meet (NEAR of OTHER)."""


class World(NamedTuple):
    """All scenes, as kernels read them: see SceneTable and RouteTable."""

    scenes: NDArray[np.void]
    poses_of: NDArray[np.int64]
    poses: NDArray[np.void]
    segments_of: NDArray[np.int64]
    segments: NDArray[np.void]
    bodies: NDArray[np.void]
    shapes: NDArray[np.void]  # impact.bodies of these
    routes: NDArray[np.void]
    route_segments: NDArray[np.void]
    checkpoints: NDArray[np.float64]
    lidar: NDArray[np.float64]  # (R, 2) directions of the rays
    max_speed_km_h: float


def world_of(scene: Scene, lidar_rays: int, max_speed_km_h: float) -> World:
    """Compile one scene; raises SceneError where it cannot be driven."""
    return stack_world([compile_scene(scene)], [compile_route(scene)], lidar_rays, max_speed_km_h)


def stack_world(
    scenes: Sequence[CompiledScene], routes: Sequence[CompiledRoute], lidar_rays: int, max_speed_km_h: float
) -> World:
    """Put scenes and their routes end to end; raises SceneError where there is none."""
    table, ways = stack(scenes), stack_routes(routes)
    return World(
        table.scenes,
        table.poses_of,
        table.poses,
        table.segments_of,
        table.segments,
        table.bodies,
        bodies(table.bodies),
        ways.routes,
        ways.segments,
        ways.checkpoints,
        lidar_directions(lidar_rays),
        max_speed_km_h,
    )


def nobody_near() -> NDArray[np.void]:
    """Room for those whom one environment's car may meet."""
    return others(NEAR)


def start_of(scene: Scene) -> tuple[float, ...]:
    """x, y (m), heading (rad), vx, vy (m/s) of the ego at the reset."""
    state = scene.description["tracks"][scene.ego_id]["state"]
    return tuple(map(float, (*state["position"][0, :2], state["heading"][0], *state["velocity"][0])))


@njit(cache=True)
def begin(
    environment: Any,
    state: NDArray[np.float64],
    near: NDArray[np.void],
    x: float,
    y: float,
    heading: float,
    speed_x: float,
    speed_y: float,
) -> None:
    """Put the car on its start: m, rad, m/s."""
    forget(near)
    vehicle.place(state, x, y, heading, speed_x, speed_y)
    environment.steps = 0
    environment.heading_before = heading
    environment.steering = environment.throttle = 0.0


@njit(cache=True)
def drive_on(
    world: World,
    environment: Any,
    state: NDArray[np.float64],
    near: NDArray[np.void],
    steering: float,
    throttle: float,
) -> int:
    """Go on by 0.1 s; which contacts there were, and whether a solid line is touched at the end, as flags."""
    scene = world.scenes[environment.scene]
    frame = scene.frame + min(environment.steps + environment.traffic, scene.frames)
    first, last = world.poses_of[frame], world.poses_of[frame + 1]
    environment.heading_before = vehicle.readings(state)[3]
    count = _gather(world, state, near, first, last)
    speed = math.sqrt(state[vehicle.SPEED_X] ** 2 + state[vehicle.SPEED_Y] ** 2)
    angle, force, brake = vehicle.controls(steering, throttle, 3.6 * speed, world.max_speed_km_h)
    angle_cos, angle_sin = math.cos(angle), math.sin(angle)
    flags = 0
    for substep in range(SUBSTEPS):
        if count:
            x, y, heading = vehicle.pose(state)
            after = substep * SUBSTEP
            flags |= contacts(x, y, math.cos(heading), math.sin(heading), after, first, last, world.poses, world.bodies)
            respond(state, near, count)
        vehicle.substep(state, angle_cos, angle_sin, force, brake)
        advance(near, count)
    x, y, heading = vehicle.pose(state)
    cos, sin = math.cos(heading), math.sin(heading)
    if count:
        flags |= contacts(x, y, cos, sin, SUBSTEPS * SUBSTEP, first, last, world.poses, world.bodies)
    if on_solid_line(x, y, cos, sin, scene, world.segments_of, world.segments):
        flags |= SOLID_LINE
    environment.steps += 1
    environment.steering, environment.throttle = steering, throttle
    return flags


@njit(cache=True)
def touch(world: World, environment: Any, way: NDArray[np.float64]) -> int:
    """Which contacts there are on a way, and whether a solid line is touched at its end, as flags.

    `way` is (SUBSTEPS + 1, 3) x, y (m) and heading (rad) of the ego, before each substep and at the step's end. The
    others go on from the environment's last frame at their recorded velocity; nobody is pushed.
    """
    scene = world.scenes[environment.scene]
    frame = scene.frame + min(environment.steps + environment.traffic, scene.frames)
    first, last = world.poses_of[frame], world.poses_of[frame + 1]
    flags = 0
    for substep in range(len(way)):
        cos, sin = math.cos(way[substep, 2]), math.sin(way[substep, 2])
        after = substep * SUBSTEP
        flags |= contacts(way[substep, 0], way[substep, 1], cos, sin, after, first, last, world.poses, world.bodies)
    cos, sin = math.cos(way[-1, 2]), math.sin(way[-1, 2])
    if on_solid_line(way[-1, 0], way[-1, 1], cos, sin, scene, world.segments_of, world.segments):
        flags |= SOLID_LINE
    return flags


@register_jitable
def _gather(world: World, state: NDArray[np.float64], near: NDArray[np.void], first: int, last: int) -> int:
    """Put those among poses[first:last] that the ego may meet in this step into `near`, in this order."""
    x, y = state[vehicle.X], state[vehicle.Y]
    count = 0
    for index in range(first, last):
        pose = world.poses[index]
        far_x, far_y = pose.x - x, pose.y - y
        reach = EGO_REACH + REACH + world.bodies[pose.body].reach
        if far_x * far_x + far_y * far_y > reach * reach or count == NEAR:
            continue
        for place in range(count + 1, NEAR):
            if near[near[place].row].user == pose.user:  # how they touch is remembered from step to step
                near[count].row, near[place].row = near[place].row, near[count].row
                break
        put_back(
            near[near[count].row],
            world.shapes,
            pose.user,
            pose.body,
            pose.x,
            pose.y,
            pose.cos,
            pose.sin,
            pose.velocity_x,
            pose.velocity_y,
            pose.yaw_rate,
        )
        count += 1
    return count


@njit(cache=True)
def look(world: World, environment: Any, state: NDArray[np.float64], out: NDArray[Any]) -> Place:
    """Write MetaDrive's own vector to `out` (41 + R,): side, ego, navigation_stock, lidar; where on the route it is."""
    scene = world.scenes[environment.scene]
    route = world.routes[environment.scene]
    x, y, _, heading, speed_x, speed_y, _ = vehicle.readings(state)
    cos, sin = math.cos(heading), math.sin(heading)
    forward = axes_of(Quaternion(state[HEADING], state[HEADING + 1], state[HEADING + 2], state[HEADING + 3])).forward
    place = locate(route, world.route_segments, x, y)
    side(out[:SIDE], x, y, cos, sin, scene, world.segments_of, world.segments)
    write_stock(
        route,
        world.route_segments,
        world.checkpoints,
        place,
        x,
        y,
        forward.x,
        forward.y,
        heading,
        environment.heading_before,
        math.hypot(speed_x, speed_y),
        world.max_speed_km_h,
        environment.steering,
        environment.throttle,
        out[SIDE : SIDE + STOCK],
    )
    frame = scene.frame + min(environment.steps + environment.traffic, scene.frames)
    first, last = world.poses_of[frame], world.poses_of[frame + 1]
    lidar(out[SIDE + STOCK :], world.lidar, x, y, cos, sin, first, last, world.poses, world.bodies)
    return place
