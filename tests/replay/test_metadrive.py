"""MetaDrive as an engine: it leaves nothing behind, changes nothing, and gives the same bytes each time."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import subprocess
import sys
from typing import Any

import numpy as np
import psutil
import pytest
from replay_material import (
    STRAIGHT,
    described,
    driver,
    driving,
    environment_of_a_child,
    standing,
    straight,
)

from gold_data.replay import Description, Drive, make_scene, track_record
from gold_data.settings import SimulatorSettings, TrackerSettings

FRAMES = len(STRAIGHT)

SCENES: dict[str, Description] = {
    "bend": described(driver(STRAIGHT, 0.02), {"car": driver(np.full(FRAMES, 8.0), 0.02, left=4.0)}, curvature=0.02),
    "street": straight(
        others={
            "person": standing("PEDESTRIAN", 30.0, 3.0, FRAMES),
            "parked": standing("VEHICLE", 25.0, -3.5, FRAMES),
            "cyclist": standing("CYCLIST", 45.0, 3.5, FRAMES),
        }
    ),
    "empty": straight(np.full(40, 6.0), heading=1.0),
}


def _bytes(drive: Drive, name: str) -> str:
    rollout = track_record(drive, SCENES[name], "ego", TrackerSettings(), lambda step: None)
    digest = hashlib.sha256()
    for array in (rollout.observations, rollout.rewards, rollout.costs, rollout.actions, rollout.ego_state):
        digest.update(array.tobytes())
    return digest.hexdigest()


def _in_a_fresh_interpreter(code: str) -> str:
    command, environment = [sys.executable, "-c", code], environment_of_a_child()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_bytes_do_not_depend_on_what_was_driven_before() -> None:
    code = (
        "from test_metadrive import _bytes\nfrom replay_material import driving\n"
        "with driving() as drive: print(_bytes(drive, 'street'))"
    )
    fresh = _in_a_fresh_interpreter(code).strip()
    found: dict[str, set[str]] = {name: set() for name in SCENES}
    with driving() as drive:
        for name in ("street", "bend", "empty", "street", "street", "empty", "bend"):
            found[name].add(_bytes(drive, name))
    assert {name: len(digests) for name, digests in found.items()} == dict.fromkeys(SCENES, 1)
    assert found["street"] == {fresh}
    assert len(set.union(*found.values())) == len(SCENES)


def test_the_replacements_change_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them the same scene is driven by MetaDrive as it is, but for the download."""
    from metadrive.engine.base_engine import BaseEngine

    import gold_data.replay.metadrive as engine

    with driving() as drive:
        replaced = {name: _bytes(drive, name) for name in SCENES}
    monkeypatch.setattr(engine, "_neutral_replacements", contextlib.nullcontext)
    monkeypatch.setattr(BaseEngine, "try_pull_asset", staticmethod(lambda: None))
    with driving() as drive:
        plain = {name: _bytes(drive, name) for name in SCENES}
    assert plain == replaced


def _replaced_attributes() -> dict[str, Any]:
    """Everything in MetaDrive and Panda3D that a drive may replace, as it is now."""
    import direct.task.Task
    from metadrive.base_class import base_object
    from metadrive.component.lane.point_lane import PointLane
    from metadrive.component.scenario_block.scenario_block import ScenarioBlock
    from metadrive.engine.base_engine import BaseEngine
    from metadrive.engine.core import engine_core

    owners = (BaseEngine, PointLane, ScenarioBlock, direct.task.Task.TaskManager, base_object, engine_core)
    return {
        f"{owner.__name__}.{name}": value
        for owner in owners
        for name, value in vars(owner).items()
        if callable(value) or name in ("sns", "try_pull_asset")
    }


def test_closing_puts_back_what_was_replaced() -> None:
    before = _replaced_attributes()
    with driving() as drive:
        assert _replaced_attributes() == before
        drive.reset(SCENES["empty"], "ego")
        during = _replaced_attributes()
        assert {name for name in before if during[name] is not before[name]} == {
            "BaseEngine.try_pull_asset",
            "PointLane.auto_generate_polygon",
            "ScenarioBlock._construct_broken_line",
            "TaskManager.step",
            "metadrive.base_class.base_object.get_np_random",
            "metadrive.base_class.base_object.sns",
            "metadrive.engine.core.engine_core.loadPrcFileData",
        }
        drive.close()
        assert _replaced_attributes() == before


def test_closing_twice_and_closing_unused_is_nothing() -> None:
    from gold_data.replay.metadrive import MetaDrive

    engine = MetaDrive(SimulatorSettings())
    engine.close()
    engine.reset(make_scene(SCENES["empty"], "ego"))
    engine.close()
    engine.close()


def test_a_scene_that_metadrive_refuses_does_not_stop_the_next_one() -> None:
    broken_state: Description = straight(np.full(40, 6.0))
    broken_state["tracks"]["ego"]["type"] = "NO SUCH TYPE"
    broken_map = straight(np.full(40, 6.0))
    broken_map["map_features"]["lane"]["polyline"] = np.full((5, 3), np.nan, np.float32)
    before = _replaced_attributes()
    with driving() as drive:
        expected = _bytes(drive, "street")
        for broken in (broken_state, broken_map):
            with pytest.raises(Exception):  # noqa: B017, PT011  (whatever MetaDrive raises)
                drive.reset(broken, "ego")
            assert _bytes(drive, "street") == expected
    assert _replaced_attributes() == before


def test_importing_leaves_the_root_logger_alone() -> None:
    code = """
import json, logging
root = logging.getLogger()
before = [root.level, list(root.handlers)]
import gold_data.replay.metadrive
imported = [root.level, list(root.handlers)]
from test_metadrive import SCENES
from replay_material import driving
with driving() as drive:
    drive.reset(SCENES["street"], "ego")
    drive.step((0.0, 0.1))
driven = [root.level, list(root.handlers)]
print(json.dumps([before == imported, before == driven, root.level]))
"""
    assert json.loads(_in_a_fresh_interpreter(code).splitlines()[-1]) == [True, True, 30]


def test_a_drive_prints_nothing() -> None:
    code = """
from test_metadrive import SCENES
from replay_material import driving
with driving() as drive:
    drive.reset(SCENES["street"], "ego")
    drive.step((0.0, 0.1))
"""
    assert _in_a_fresh_interpreter(code) == ""


def test_nothing_is_downloaded_or_written_beside_the_packages() -> None:
    """Run where opening a socket, or a file below site-packages to write, raises."""
    code = """
import sys
from test_metadrive import SCENES
from replay_material import driving
refused = []
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request", "os.mkdir", "os.rename", "os.remove"):
        refused.append((event, str(arguments)))
    elif event == "open" and "site-packages" in str(arguments[0]) and "__pycache__" not in str(arguments[0]):
        mode, flags = arguments[1:]
        if flags & 3 or "w" in (mode or "r"):
            refused.append((event, str(arguments)))
with driving() as drive:
    sys.addaudithook(refuse)
    drive.reset(SCENES["street"], "ego")
    drive.step((0.0, 0.1))
    drive.close()
    drive.reset(SCENES["bend"], "ego")
print(refused)
"""
    assert _in_a_fresh_interpreter(code).strip() == "[]"


def test_memory_stays_flat_over_fifteen_engines() -> None:
    process = psutil.Process()
    sizes = []
    with driving() as drive:
        for _ in range(15):
            drive.reset(SCENES["street"], "ego")
            drive.step((0.0, 0.1))
            drive.close()
            sizes.append(process.memory_info().rss)
    assert (sizes[-1] - sizes[2]) / 2**20 < 10


def test_no_closed_engine_is_kept() -> None:
    """Each is small, and a conversion makes half a million of them."""
    from metadrive.engine.base_engine import BaseEngine

    with driving() as drive:
        for _ in range(4):
            drive.reset(SCENES["empty"], "ego")
            drive.close()
    gc.collect()
    assert sum(type(thing) is BaseEngine for thing in gc.get_objects()) <= 1


def test_a_car_close_ahead_is_there_for_a_driven_ego_too() -> None:
    """MetaDrive withholds it by default (filter_overlapping_car), so that a queue lacks its next car."""
    queue = straight(np.zeros(20), others={"next": standing("VEHICLE", 6.0, 0.0, 20)})
    with driving() as drive:
        outcome = drive.reset(queue, "ego")
        assert outcome.observation[41] < 0.15  # straight ahead, of 50 m


def test_the_car_is_the_same_whatever_the_record_says_of_its_size() -> None:
    small, large = (straight(np.full(40, 6.0)) for _ in range(2))
    for description, size in ((small, 3.0), (large, 9.0)):
        description["tracks"]["ego"]["state"]["length"][:] = size
    with driving() as drive:
        observations = [drive.reset(description, "ego").observation.tobytes() for description in (small, large)]
    assert observations[0] == observations[1]


def test_the_engine_cuts_out_at_the_speed_that_is_set() -> None:
    from gold_data.replay.metadrive import MetaDrive

    speeds = []
    for limit in (80.0, 160.0):
        engine = MetaDrive(SimulatorSettings(max_speed_km_h=limit))
        engine.reset(make_scene(straight(np.full(60, 30.0)), "ego"))
        for _ in range(10):
            readings = engine.step(np.array([0.0, 1.0]))
        engine.close()
        speeds.append(readings.speed)
    assert speeds[0] < 30.0  # 108 km/h
    assert speeds[1] > 32.0
