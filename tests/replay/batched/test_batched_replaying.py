"""A record replayed at once beside MetaDrive's replay step by step: what is seen, touched, earned, and when it ends."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from replay_material import STRAIGHT, described, driver, driving, settings_with, standing, straight

from gold_data.errors import SceneError
from gold_data.replay import Description, Flag, Rollout, make_scene, replay_record, slices
from gold_data.replay.batched import batch as batch_module
from gold_data.replay.batched.replaying import replay_batched, replay_frames
from gold_data.replay.batched.stage import stage_of
from gold_data.replay.observation import blocks
from gold_data.settings import ConvertSettings

SETTINGS = ConvertSettings()
FRAMES = 40
SPEEDS = STRAIGHT[:FRAMES]
SHARP = 0.03
"""1/m: a bend in which the ego turns by 0.3 rad/s."""

RECORDS: dict[str, Description] = {
    "a bend beside a car": described(driver(SPEEDS, SHARP), {"car": driver(SPEEDS, SHARP, left=4.0)}, curvature=SHARP),
    "grazes a car": straight(SPEEDS, {"car": standing("VEHICLE", 20.0, 1.5, FRAMES)}),
    "runs over a walker": straight(SPEEDS, {"walker": standing("PEDESTRIAN", 20.0, 0.0, FRAMES)}),
    "passes through a cone between two frames": straight(
        np.full(FRAMES, 30.0), {"cone": standing("TRAFFIC_CONE", 31.5, 0.9, FRAMES)}
    ),
    "on a line": straight(SPEEDS, solid=(-8.0, 0.9)),
    "stands": straight(np.zeros(FRAMES)),
}


def in_metadrive(description: Description, settings: ConvertSettings) -> Rollout:
    with driving(settings, follow_record=True) as drive:
        return replay_record(drive, description, "ego", lambda step: None)


@pytest.mark.parametrize("end", ["record", "arrival"])
@pytest.mark.parametrize("name", RECORDS)
def test_it_is_metadrives_replay(name: str, end: str) -> None:
    settings = settings_with(ends={"end": end})
    theirs, ours = in_metadrive(RECORDS[name], settings), replay_batched(RECORDS[name], "ego", settings)
    assert ours.length == theirs.length
    touched = np.flatnonzero(theirs.flags & int(Flag.contact()))
    until = touched[0] + 1 if len(touched) else theirs.length  # who was pushed stands elsewhere for the next step
    np.testing.assert_array_equal(ours.flags[:until], theirs.flags[:until])
    np.testing.assert_array_equal(ours.costs[:until], theirs.costs[:until])
    np.testing.assert_allclose(ours.rewards[:until], theirs.rewards[:until], atol=1e-3)
    np.testing.assert_allclose(ours.contact_bearing[:until], theirs.contact_bearing[:until], atol=1e-3)
    np.testing.assert_allclose(np.delete(ours.ego_state, 2, 1), np.delete(theirs.ego_state, 2, 1), atol=1e-5)
    np.testing.assert_allclose(ours.ego_state[:until, 2], theirs.ego_state[:until, 2], atol=4e-3)
    np.testing.assert_array_equal(ours.log_state, theirs.log_state)
    np.testing.assert_array_equal(ours.actions, theirs.actions)
    np.testing.assert_array_equal(ours.expert_actions, theirs.expert_actions)
    off = np.abs(ours.observations[:until] - theirs.observations[:until])
    for block, place in slices(blocks(SETTINGS.simulator.lidar_rays)).items():
        assert np.mean(off[:, place] > 1e-2) <= 0.005, block
    for what in ("terminated", "truncated", "arrived", "route_length", "start", "start_offset", "noise"):
        assert getattr(ours, what) == getattr(theirs, what), what


def test_the_records_are_what_they_are_called() -> None:
    flags = {name: int(np.bitwise_or.reduce(replay_batched(RECORDS[name], "ego", SETTINGS).flags)) for name in RECORDS}
    assert [name for name in RECORDS if flags[name] & Flag.contact()] == list(RECORDS)[1:4]
    assert flags["on a line"] & Flag.SOLID_LINE
    assert flags["passes through a cone between two frames"] & Flag.CONTACT_OBJECT


def test_behind_the_records_end_it_rolls_on_as_in_metadrive() -> None:
    """A path that is cut at a jump is never driven to its end."""
    settings = settings_with(ends={"end": "arrival", "limit": 1.5})
    description = straight(SPEEDS)
    scene = make_scene(description, "ego")
    with driving(settings, follow_record=True) as drive:
        theirs = [drive.reset(description, "ego"), *(drive.step((0.0, 0.0)) for _ in range(FRAMES + 4))]
    taken, states = replay_frames(stage_of(scene, settings.simulator), settings, FRAMES + 4)
    poses = np.array([(one.readings.x, one.readings.y, one.readings.heading) for one in theirs])
    assert poses[-1, 0] - poses[FRAMES - 1, 0] == pytest.approx(4.6, abs=0.2)
    np.testing.assert_allclose(states[:, [0, 1, 3]], poses, atol=2e-3)
    np.testing.assert_allclose(
        taken.observations[FRAMES:, 12:41], [one.observation[12:41] for one in theirs[FRAMES:]], atol=2e-3
    )
    np.testing.assert_array_equal(taken.arrived, [one.arrived for one in theirs])
    np.testing.assert_array_equal(taken.truncated, False)


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    description = RECORDS["a bend beside a car"]
    stage = stage_of(make_scene(description, "ego"), SETTINGS.simulator)
    alone, alone_states = replay_frames(stage, SETTINGS, FRAMES + 3)
    assert numba.get_num_threads() > 1, "one core only"
    monkeypatch.setattr(batch_module, "ROWS_A_THREAD", 1)
    shared, shared_states = replay_frames(stage, SETTINGS, FRAMES + 3)
    for name, values in alone._asdict().items():
        np.testing.assert_array_equal(getattr(shared, name), values, err_msg=name)
    np.testing.assert_array_equal(shared_states, alone_states)


def test_frames_do_not_hang_on_each_other() -> None:
    """The last ten frames are what they are if the record begins ten frames before its end."""
    description = straight(SPEEDS, {"walker": standing("PEDESTRIAN", 34.0, 1.0, FRAMES)})
    whole = replay_frames(stage_of(make_scene(description, "ego"), SETTINGS.simulator), SETTINGS, FRAMES - 1)[0]
    late = replay_frames(stage_of(make_scene(description, "ego", FRAMES - 10), SETTINGS.simulator), SETTINGS, 9)[0]
    assert (late.flags & Flag.CONTACT_HUMAN).any()
    np.testing.assert_array_equal(late.flags[1:], whole.flags[-9:])
    np.testing.assert_allclose(late.rewards[1:], whole.rewards[-9:], atol=1e-5)


def test_an_ego_that_is_missing_in_a_frame_is_refused() -> None:
    description = straight(SPEEDS)
    description["tracks"]["ego"]["state"]["valid"][7] = False
    with pytest.raises(SceneError, match="scene synthetic: ego ego is not valid in frame 7"):
        replay_batched(description, "ego", SETTINGS)
