"""Drives that recover: the record followed from inside it, off its pose, with noise on the inputs.

A policy that has only seen clean drives has nothing to go by once it is off the path. Here the tracker is pushed off it
and drives back, and what it would do stands beside what was done. The law is that of a study on 183 real scenes, whose
settings are the defaults of DemonstrationSettings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold_data.chance import generator
from gold_data.replay import Description, Disturbance, StartOffset
from gold_data.replay.ends import ARRIVED
from gold_data.replay.route import route_of
from gold_data.settings import DemonstrationSettings


@dataclass(frozen=True)
class Course:
    """What of an ego's record its disturbances are drawn by."""

    arrival: int  # frame in which the record itself has arrived, or its last
    speeds: NDArray[np.float64]  # (L,) m/s


def draw_disturbances(
    description: Description, ego_id: str, settings: DemonstrationSettings
) -> tuple[Disturbance, ...]:
    """`settings.number` disturbances for an ego of a description that is cut to the ego's frames.

    Each is a function of the settings, the scenario's id, the ego's and its own number, so that more of them leave the
    first ones as they are.
    """
    course = course_of(description, ego_id)
    return tuple(
        draw_disturbance(generator(f"{description['id']}/{ego_id}/{number}", settings.key), course, settings)
        for number in range(1, (settings.number or 0) + 1)
    )


def course_of(description: Description, ego_id: str) -> Course:
    """What an ego's disturbances are drawn by, of a description that is cut to the ego's frames."""
    state = description["tracks"][ego_id]["state"]
    speeds = np.hypot(state["velocity"][:, 0], state["velocity"][:, 1]).astype(np.float64)
    return Course(_arrival(state["position"][:, :2]), speeds)


def draw_disturbance(chance: np.random.Generator, course: Course, settings: DemonstrationSettings) -> Disturbance:
    """The next disturbance of a stream of random numbers."""
    start = draw_start(chance, course, settings)
    offset = draw_offset(chance, course.speeds[start], settings)
    amplitude = float(chance.uniform(*settings.amplitude)) if chance.random() < settings.noisy else 0.0
    noise = _noise(chance, len(course.speeds) - start, settings) * amplitude
    return Disturbance(start, offset, amplitude, noise)


def draw_start(chance: np.random.Generator, course: Course, settings: DemonstrationSettings) -> int:
    """The frame of the record at which a drive starts."""
    return int(chance.uniform(0, settings.latest) * course.arrival) if chance.random() < settings.inside else 0


def draw_offset(chance: np.random.Generator, speed: float, settings: DemonstrationSettings) -> StartOffset | None:
    """How far off the recorded pose a drive starts where the record has this speed (m/s)."""
    return _offset(chance, speed, settings) if chance.random() < settings.moved else None


def _arrival(positions: NDArray[np.float32]) -> int:
    """The first frame at which the record itself has arrived, or its last."""
    places = (positions - positions[0]).astype(np.float32)
    route = route_of(places)
    arrived = (route.locate(float(x), float(y)).longitude > ARRIVED * route.length for x, y in places)
    return next((frame for frame, there in enumerate(arrived) if there), len(places) - 1)


def _offset(chance: np.random.Generator, speed: float, settings: DemonstrationSettings) -> StartOffset:
    left, heading = chance.uniform(-settings.left, settings.left), chance.uniform(-settings.heading, settings.heading)
    factor = chance.uniform(*settings.speed)
    push = chance.uniform(0, settings.push) if chance.random() < 0.5 else 0.0
    return StartOffset(left=float(left), heading=float(heading), speed=float(speed * (factor - 1) + push))


def _noise(chance: np.random.Generator, steps: int, settings: DemonstrationSettings) -> NDArray[np.float64]:
    """(steps, 2) of amplitude 1: each step keeps a share of the last one's and adds to it, or is a burst."""
    added = chance.normal(size=(steps, 2)) * settings.deviation
    bursts = chance.normal(size=(steps, 2)) * settings.burst_deviation
    burst = chance.random(steps) < settings.burst
    # Numbers of Python: an array's overhead on two of them, step by step, would take longer than the drive does.
    noise: list[list[float]] = []
    steering = throttle = 0.0
    for new, instead, bursts_now in zip(added.tolist(), bursts.tolist(), burst.tolist(), strict=True):
        if bursts_now:
            steering, throttle = instead
        else:
            steering, throttle = settings.memory * steering + new[0], settings.memory * throttle + new[1]
        noise.append([steering, throttle])
    return np.array(noise).reshape(-1, 2)
