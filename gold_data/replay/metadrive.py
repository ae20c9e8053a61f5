"""Engine 1, the reference: MetaDrive without screen, assets or history. No other file imports metadrive.

One engine drives one scene and is closed: only then are its bytes those of a fresh interpreter (measured on 60 real
scenes in any order). While it is open, parts of MetaDrive that cost time and change nothing are replaced; `close` puts
them back and frees what MetaDrive leaks. MetaDrive allows one engine a process.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
import types
from collections.abc import Callable, Iterator
from importlib.abc import MetaPathFinder
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold_data.replay.drive import Readings
from gold_data.replay.fidelity import Pose
from gold_data.replay.flags import Flag
from gold_data.replay.machine import check_machine
from gold_data.replay.scene import Scene
from gold_data.settings import SimulatorSettings

check_machine()


@contextlib.contextmanager
def _root_logger_kept() -> Iterator[None]:
    """MetaDrive sets the process's root logger to INFO when imported, and gives it a handler whenever it has none."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    try:
        yield
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers


class _WithoutTorch(MetaPathFinder):
    """MetaDrive imports torch where there is one, for an expert that nobody asks here: seconds, memory and threads."""

    def __enter__(self) -> None:
        sys.meta_path.insert(0, self)

    def __exit__(self, *raised: object) -> None:
        sys.meta_path.remove(self)

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Refuse torch where it was not imported before, and leave the others to the next finder."""
        if fullname == "torch":
            raise ModuleNotFoundError("torch is left out", name=fullname)


class _Later(types.ModuleType):
    """A module that is imported when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)


@contextlib.contextmanager
def _seaborn_later() -> Iterator[None]:
    """MetaDrive takes its colours from seaborn, which imports pandas and scipy.stats; here nobody sees them."""
    ours = sys.modules.setdefault("seaborn", _Later("seaborn"))
    try:
        yield
    finally:
        if isinstance(ours, _Later):
            del sys.modules["seaborn"]


with _root_logger_kept(), _WithoutTorch(), _seaborn_later():
    import direct.task.Task
    from metadrive.base_class import base_object
    from metadrive.component.lane.point_lane import PointLane
    from metadrive.component.scenario_block.scenario_block import ScenarioBlock
    from metadrive.engine.base_engine import BaseEngine
    from metadrive.engine.core import engine_core
    from metadrive.envs.base_env import BaseEnv
    from metadrive.envs.scenario_env import ScenarioEnv
    from metadrive.manager import scenario_light_manager
    from metadrive.manager.scenario_curriculum_manager import ScenarioCurriculumManager
    from metadrive.manager.scenario_data_manager import ScenarioOnlineDataManager
    from metadrive.manager.scenario_light_manager import ScenarioLightManager
    from metadrive.manager.scenario_map_manager import ScenarioMapManager
    from metadrive.manager.scenario_traffic_manager import ScenarioTrafficManager
    from metadrive.policy.env_input_policy import EnvInputPolicy
    from metadrive.policy.replay_policy import ReplayEgoCarPolicy
    from metadrive.scenario.parse_object_state import get_idm_route, parse_full_trajectory
    from metadrive.scenario.scenario_description import ScenarioDescription

# It warns of each signal whose lane the map lacks; WOMD has many, and skipping them is what it should do.
logging.getLogger(scenario_light_manager.__file__).setLevel(logging.ERROR)


class MetaDrive:
    """MetaDrive as an `Engine`; `follow_record` teleports the ego to its record instead of driving it."""

    def __init__(self, settings: SimulatorSettings, follow_record: bool = False) -> None:
        self._settings, self._follow_record = settings, follow_record
        self._env: _Environment | None = None
        self._replaced = contextlib.ExitStack()

    def reset(self, scene: Scene) -> Readings:
        """Make a fresh engine and spawn everyone."""
        self.close()
        self._replaced.enter_context(_root_logger_kept())
        self._replaced.enter_context(_neutral_replacements())
        self._env = _Environment(_configuration(self._settings, self._follow_record), scene)
        stock, _ = self._env.reset(seed=0)
        return self._readings(stock, contacts=False)

    def step(self, action: NDArray[np.float64]) -> Readings:
        """Go on by 0.1 s; MetaDrive's own reward and information of the step stay in `stock_result`."""
        assert self._env is not None, "reset first"
        stock, *self.stock_result = self._env.step(action)
        return self._readings(stock, contacts=True)

    def poses(self) -> dict[str, Pose]:
        """Where each spawned object is, the ego among them, by its id in the record; one that has none by its name."""
        assert self._env is not None, "reset first"
        engine = self._env.engine
        traffic = engine.traffic_manager
        ids = traffic.obj_id_to_scenario_id
        spawned = {**traffic.spawned_objects, traffic.sdc_object_id: self._env.agent}
        return {ids.get(name, name): _pose(body) for name, body in spawned.items()}

    def close(self) -> None:
        """Destroy the engine, with what MetaDrive would keep of it."""
        if self._env is not None:
            _close(self._env)
            self._env = None
        self._replaced.close()

    def _readings(self, stock: NDArray[np.float32], contacts: bool) -> Readings:
        assert self._env is not None
        ego = self._env.agent
        x, y = ego.position
        velocity = ego.velocity
        return Readings(
            x=float(x),
            y=float(y),
            height=float(ego.origin.getPos()[2]),
            heading=float(ego.heading_theta),
            velocity=(float(velocity[0]), float(velocity[1])),
            yaw_rate=float(ego.body.getAngularVelocity()[2]),
            stock=stock,
            flags=_flags(ego) if contacts else Flag(0),
        )


def _pose(body: Any) -> Pose:
    x, y = body.position
    return float(x), float(y), float(body.heading_theta)


def _flags(ego: Any) -> Flag:
    flags = Flag(0)
    if ego.crash_vehicle:
        flags |= Flag.CONTACT_VEHICLE
    if ego.crash_object:
        flags |= Flag.CONTACT_OBJECT
    if ego.crash_human:
        flags |= Flag.CONTACT_HUMAN
    if ego.on_yellow_continuous_line or ego.on_white_continuous_line or ego.crash_sidewalk:
        flags |= Flag.SOLID_LINE
    return flags


def _configuration(settings: SimulatorSettings, follow_record: bool) -> dict[str, Any]:
    return {
        "agent_policy": ReplayEgoCarPolicy if follow_record else EnvInputPolicy,
        # static_default: else engine and brake are drawn from the scenario's place in its database. It stands in
        # agent_configs, since the ego ignores vehicle_config's vehicle_model.
        "agent_configs": {
            "default_agent": {
                "use_special_color": True,
                "spawn_lane_index": None,
                "vehicle_model": "static_default",
                "max_speed_km_h": settings.max_speed_km_h,
            }
        },
        "vehicle_config": {
            "lidar": {"num_lasers": settings.lidar_rays, "distance": 50},
            "side_detector": {"num_lasers": 12, "distance": 50},
            "lane_line_detector": {"num_lasers": 0},
        },
        "num_buffering_objects": settings.buffered_objects,
        # Else a driven ego misses cars that the record has near it.
        "filter_overlapping_car": False,
        "store_map": False,
        "num_scenarios": 1,
        "start_scenario_index": 0,
        "use_render": False,
        "log_level": logging.CRITICAL,
        # Nothing reads these two: they cost a fifth of a reset.
        "need_lane_localization": False,
        "show_crosswalk": False,
    }


class _Environment(ScenarioEnv):  # type: ignore[misc]
    """ScenarioEnv on one scene in memory: no database folder is opened, nothing is downloaded."""

    def __init__(self, configuration: dict[str, Any], scene: Scene) -> None:
        self._scene = scene
        super().__init__(configuration)

    def setup_engine(self) -> None:
        BaseEnv.setup_engine(self)
        data = ScenarioOnlineDataManager()
        data.set_scenario(ScenarioDescription(self._scene.description))
        self.engine.register_manager("data_manager", data)
        self.engine.register_manager("map_manager", _WholeRouteMapManager(self._scene))
        self.engine.register_manager("traffic_manager", ScenarioTrafficManager())
        self.engine.register_manager("light_manager", ScenarioLightManager())
        self.engine.register_manager("curriculum_manager", ScenarioCurriculumManager())


class _WholeRouteMapManager(ScenarioMapManager):  # type: ignore[misc]
    """The route is the whole record's, also where the episode starts inside it or beside it."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene

    def update_route(self) -> None:
        super().update_route()
        positions = self._scene.track.position.astype(np.float32)
        self.current_sdc_route = get_idm_route(parse_full_trajectory({"state": {"position": positions}}))


@contextlib.contextmanager
def _neutral_replacements() -> Iterator[None]:
    """Replace what costs time, writes or downloads and leaves every byte of an episode as it is (all measured so)."""
    palette = [(0.0, 0.0, 0.0)] * 10  # seaborn has ten, of which nobody sees one
    colours = np.random.RandomState(0)
    random_state: Callable[..., Any] = base_object.get_np_random

    def shared_colours(seed: int | None = None, *arguments: Any) -> Any:
        return colours if seed is None else random_state(seed, *arguments)

    replacements: list[tuple[Any, str, Any]] = [
        # Called in every render mode; without a network it fails, with one it writes to site-packages.
        (BaseEngine, "try_pull_asset", staticmethod(lambda: None)),
        (PointLane, "auto_generate_polygon", lambda lane: []),
        (ScenarioBlock, "_construct_broken_line", lambda block, *arguments, **named: None),
        (direct.task.Task.TaskManager, "step", lambda manager: None),
        (base_object, "sns", types.SimpleNamespace(color_palette=lambda name: list(palette))),
        (base_object, "get_np_random", shared_colours),
        (engine_core, "loadPrcFileData", _load_once),
    ]
    kept = [(owner, name, vars(owner)[name]) for owner, name, _ in replacements]
    for owner, name, value in replacements:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in kept:
            setattr(owner, name, value)


_load_prc_file_data = engine_core.loadPrcFileData
_loaded_prc: set[str] = set()


def _load_once(name: str, text: str) -> None:
    """Panda3D keeps every configuration page for ever: the same text need not be added for each engine."""
    if text not in _loaded_prc:
        _loaded_prc.add(text)
        _load_prc_file_data(name, text)


def _close(env: _Environment) -> None:
    engine = env.engine
    if engine is None:  # the scene was refused before there was one
        return
    # The map manager forgets a map that it does not store; the map's nodes then hold themselves for ever.
    with contextlib.suppress(Exception):  # raised where a scene was never set; closing goes on
        for manager in engine.managers.values():
            manager.before_reset()
    env.close()
    # Two more cycles through C++ that the garbage collector cannot see.
    engine._all_panda_tasks.clear()
    engine.bufferViewer.ignoreAll()
