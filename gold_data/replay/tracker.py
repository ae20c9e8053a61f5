"""Closed loop on the record: which action keeps MetaDrive's car on the recorded path, and on time.

The stored action is then one that was executed from the stored observation, which log replay cannot give. Gains and
inverse models were measured on MetaDrive's `static_default` car (exact to 1 % below its limits).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.drive import Readings
from gold_data.replay.navigation import wrap
from gold_data.replay.pace import STEP
from gold_data.replay.reference import reference_of
from gold_data.replay.scene import Scene
from gold_data.settings import TrackerSettings

SUBSTEP = 0.02
"""Seconds of one physics step; positions are read out one of them late."""

MASS, ENGINE_FORCE, BRAKE_FORCE = 1100.0, 800.0, 150.0
"""kg, N a wheel, N s a wheel and physics step: MetaDrive's `static_default`."""

WHEELBASE, REAR_AXLE, MAX_STEERING = 2.46894, 1.4166, math.radians(40.0)
"""m, m behind the car's origin, rad of the front wheels at steering input 1."""


class Tracker:
    """Follows the record of one scene; remembers where on the path it last was, and how it wished to steer there."""

    def __init__(self, scene: Scene, settings: TrackerSettings) -> None:
        self._reference = reference_of(scene.track, settings.smoothing)
        self._settings = settings
        self._start = scene.start
        self._arc = float(self._reference.schedule[scene.start])
        self._steering = 0.0

    def action(self, step: int, readings: Readings, steering: float) -> NDArray[np.float64]:
        """(2,) steering and throttle in [-1, 1] for the next step, `step` steps into the episode.

        `steering` is the input that was executed last, which need not be the one that was asked for. The change of
        steering is limited from wish to wish: counted from what was executed, steady noise beyond the limit would carry
        the wish along with it.
        """
        reference = self._reference
        frame = min(self._start + step, len(reference.speed) - 1)
        following = min(frame + 1, len(reference.speed) - 1)
        self._arc, left = reference.path.project(readings.x, readings.y, self._arc - 2.0, self._arc + 6.0)
        wheel = self._wheel(readings, steering, left, standing=reference.speed[following] < 0.3)
        pedal = self._pedal(step, frame, following, readings)
        self._steering = float(np.float32(min(max(wheel, -1.0), 1.0)))  # as it is executed where nothing disturbs it
        return np.array([self._steering, min(max(pedal, -1.0), 1.0)])

    def _pedal(self, step: int, frame: int, following: int, readings: Readings) -> float:
        reference, settings = self._reference, self._settings
        speed = _forward_speed(readings)
        # The read-out is one substep late, by v x 0.02 s. Caught up with at once, this would be a jolt at the start.
        lag = SUBSTEP * readings.speed * math.exp(-step * STEP / settings.catch_up) if settings.catch_up else 0.0
        behind = float(reference.schedule[frame]) - self._arc - lag
        if reference.speed[following] < 0.1 and speed < 0.15 and behind < 0.3:
            return -0.01  # holds the car; harder braking rocks it at rest, and 0 exactly is a brake of its own
        planned = float(reference.speed[following] - reference.speed[frame]) / STEP
        wanted = planned + settings.position_gain * behind
        wanted += settings.speed_gain * (float(reference.speed[frame]) - speed)
        return throttle_for(min(max(wanted, -settings.max_acceleration), settings.max_acceleration))

    def _wheel(self, readings: Readings, steering: float, left: float, standing: bool) -> float:
        reference, settings = self._reference, self._settings
        if readings.speed < 0.3 and standing:
            return self._steering
        if _forward_speed(readings) > 1.0:
            course = math.atan2(readings.velocity[1], readings.velocity[0])
        else:
            course = readings.heading + _slip(steering)
        off_course = wrap(course - reference.path.course_at(self._arc))
        ahead = max(settings.min_look_ahead, settings.look_ahead * readings.speed)
        curvature = reference.path.curvature_at(self._arc + readings.speed * settings.preview)
        curvature -= left / ahead**2 + 2 / ahead * math.sin(off_course)
        wanted = steering_for(curvature, readings.speed)
        change = settings.max_steering_change
        return min(max(wanted, self._steering - change), self._steering + change)


def throttle_for(acceleration: float) -> float:
    """Throttle or brake input for an acceleration (m/s2): four driven wheels, or the brakes' impulse a substep."""
    if acceleration >= 0:
        return acceleration * MASS / (4 * ENGINE_FORCE)
    return acceleration * MASS * SUBSTEP / (4 * BRAKE_FORCE)


def steering_for(curvature: float, speed: float) -> float:
    """Steering input for a curve (1/m, left positive) at a speed (m/s): a kinematic bicycle that understeers."""
    wanted = curvature / (0.982 - 7.5e-5 * speed**2)
    slack = 1 - (REAR_AXLE * wanted) ** 2
    tangent = wanted * WHEELBASE / math.sqrt(slack) if slack > 0.05 else math.copysign(5.0, wanted)
    return math.atan(tangent) / MAX_STEERING


def _slip(steering: float) -> float:
    """Angle (rad) between the car's heading and its course at low speed."""
    return math.atan(REAR_AXLE / WHEELBASE * math.tan(steering * MAX_STEERING))


def _forward_speed(readings: Readings) -> float:
    return readings.velocity[0] * math.cos(readings.heading) + readings.velocity[1] * math.sin(readings.heading)
