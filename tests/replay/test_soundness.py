"""What no engine can drive is refused in the same words by both, before any engine is made."""

from __future__ import annotations

import numpy as np
import pytest
from bad_scenes import BAD, bad
from replay_material import STRAIGHT, standing, straight

from gold_data.errors import SceneError
from gold_data.replay import Description, Drive, Engine, make_scene
from gold_data.replay.batched.engine import Batched
from gold_data.replay.batched.replaying import replay_batched
from gold_data.replay.batched.tracking import track_batched
from gold_data.replay.metadrive import MetaDrive
from gold_data.settings import ConvertSettings

SETTINGS = ConvertSettings()
FRAMES = len(STRAIGHT)


@pytest.mark.parametrize("engine", [Batched, MetaDrive])
@pytest.mark.parametrize("name", BAD)
def test_a_drive_refuses_it_in_either_engine(name: str, engine: type[Batched] | type[MetaDrive]) -> None:
    made: Engine = engine(SETTINGS.simulator)
    with pytest.raises(SceneError, match=f"^scene bad: {BAD[name][1]}"):
        Drive(made, SETTINGS).reset(bad(name), "ego")


@pytest.mark.parametrize("name", BAD)
def test_whole_episodes_refuse_it(name: str) -> None:
    for drive in (track_batched, replay_batched):
        with pytest.raises(SceneError, match=f"^scene bad: {BAD[name][1]}"):
            drive(bad(name), "ego", SETTINGS)


def test_an_ego_that_is_not_there_is_named() -> None:
    with pytest.raises(SceneError, match="scene synthetic: there is no track nobody to be the ego"):
        make_scene(straight(), "nobody")


@pytest.mark.parametrize("start", [-1, FRAMES - 1, FRAMES, FRAMES + 7])
def test_a_start_without_a_step_is_refused(start: int) -> None:
    make_scene(straight(), "ego", FRAMES - 2)
    with pytest.raises(SceneError, match=f"start {start} leaves no step of its 60 frames"):
        make_scene(straight(), "ego", start)


def _unseen() -> Description:
    """Numbers that are none where no engine looks."""
    car, walker = standing("VEHICLE", 20.0, 4.0, FRAMES), standing("PEDESTRIAN", 9.0, 5.0, FRAMES)
    for field in ("position", "heading", "velocity", "length"):
        car["state"][field][7] = np.nan
    car["state"]["valid"][7] = False
    walker["state"]["length"][:] = 0.0
    description = straight(others={"car": car, "walker": walker})
    description["map_features"]["broken"]["polyline"][3] = np.nan
    return description


def test_what_nobody_sees_is_no_reason() -> None:
    """People have one size in MetaDrive; invalid states and broken lines are not there."""
    drive = Drive(Batched(SETTINGS.simulator), SETTINGS)
    outcome = drive.reset(_unseen(), "ego")
    for _ in range(10):
        outcome = drive.step((0.0, 0.3))
        assert np.isfinite(outcome.observation).all()


def test_what_is_over_before_the_start_is_no_reason() -> None:
    description = straight(others={"car": standing("VEHICLE", 20.0, 4.0, FRAMES)})
    description["tracks"]["car"]["state"]["position"][7, 0] = np.nan
    assert make_scene(description, "ego", 8).kinds == ("VEHICLE",)
    with pytest.raises(SceneError, match="position of VEHICLE car is no finite number in frame 7"):
        make_scene(description, "ego", 3)


@pytest.mark.parametrize("action", [(np.nan, 0.0), (0.0, np.inf), (0.0,), (0.0, 0.0, 0.0), ((0.0, 0.0),)])
def test_what_is_no_action_is_refused_and_changes_nothing(action: tuple[float, ...]) -> None:
    drives = [Drive(Batched(SETTINGS.simulator), SETTINGS) for _ in range(2)]
    for drive in drives:
        drive.reset(straight(), "ego")
    with pytest.raises(SceneError, match=r"scene synthetic: the action is .*: give two numbers"):
        drives[0].step(action)
    one, other = (drive.step((0.1, 0.5)).observation for drive in drives)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("action", [(7.0, -3.0), (1e300, -1e300)])
def test_actions_beyond_the_range_are_clipped(action: tuple[float, float]) -> None:
    drive = Drive(Batched(SETTINGS.simulator), SETTINGS)
    drive.reset(straight(), "ego")
    assert drive.step(action).action.tolist() == [1.0, -1.0]
