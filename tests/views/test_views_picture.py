"""What is drawn is what the episode and its record say."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from views_material import STEPS, Material, make_material

from gold_data.cli import main
from gold_data.errors import DatasetError, GoldDataError, OutputError, SettingsError, SourceError
from gold_data.shards import Dataset, Episode
from gold_data.views import palette
from gold_data.views.from_above import box_steps, ego_outline
from gold_data.views.map_above import draw_map
from gold_data.views.picture import disturbance_words, draw_episode, episode_number, figure
from gold_data.views.record import FoundRecord, NoRecord, Records
from gold_data.views.sheet import png
from gold_data.views.surroundings import View, road_users, signals


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("views"))


@pytest.fixture(scope="module", params=range(4))
def number(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def episode(material: Material, number: int) -> Episode:
    return material.dataset.episode(number)


@pytest.fixture(scope="module")
def record(material: Material, episode: Episode) -> FoundRecord:
    found = Records(material.dataset, [str(material.records)]).of_episode(episode)
    assert isinstance(found, FoundRecord)
    return found


@pytest.fixture(scope="module")
def picture(episode: Episode, number: int, record: FoundRecord) -> Figure:
    return figure(episode, number, record, 40)


def line(axes: Axes, label: str) -> np.ndarray:
    (found,) = [one for one in axes.lines if one.get_label() == label]
    return np.asarray(found.get_xydata())


def view_of(axes: Axes) -> View:
    return View(*axes.get_xlim(), *axes.get_ylim())


def words(picture: Figure) -> str:
    return "\n".join(text.get_text() for text in picture.texts)


def test_both_paths_are_drawn_as_they_are(picture: Figure, episode: Episode) -> None:
    above = picture.axes[0]
    assert np.array_equal(line(above, "recorded"), episode["log_state"][:, :2])
    assert np.array_equal(line(above, "driven"), episode["ego_state"][:, :2])


def test_the_route_is_in_view_and_not_distorted(picture: Figure, episode: Episode) -> None:
    above = picture.axes[0]
    view = view_of(above)
    assert view.contains(episode["log_state"][:, :2]).all()
    assert view.contains(episode["ego_state"][:, :2]).all()
    picture.canvas.draw()
    box = above.get_window_extent()
    dots_a_metre = box.width / (view.right - view.left), box.height / (view.top - view.bottom)
    assert dots_a_metre[0] == pytest.approx(dots_a_metre[1], rel=1e-6)
    assert box.width / picture.bbox.width > 0.95  # the frame is filled


def test_one_box_for_everyone_in_view(picture: Figure, episode: Episode, record: FoundRecord) -> None:
    above = picture.axes[0]
    frame = record.first + 40
    users = road_users(record.description, episode["ego_id"], record.first, frame, view_of(above))
    boxes = [one for one in above.collections if one.get_gid() == "road user"]
    assert len(boxes) == len(users)
    for box, user in zip(boxes, users, strict=True):
        assert np.array_equal(np.asarray(box.get_paths()[0].vertices)[: len(user.outline)], user.outline)
        _, colour = palette.ROAD_USERS[user.kind]
        assert np.array_equal(np.asarray(box.get_facecolor())[0], to_rgba(colour))


def test_signals_are_drawn_at_their_stop_points(picture: Figure, record: FoundRecord) -> None:
    above = picture.axes[0]
    shown = signals(record.description, record.first + 40, view_of(above))
    marks = [one for one in above.lines if one.get_gid() == "signal"]
    assert [tuple(np.asarray(mark.get_xydata())[0]) for mark in marks] == [tuple(signal.position) for signal in shown]
    for mark, signal in zip(marks, shown, strict=True):
        _, colour, shape = palette.SIGNALS[signal.state.rsplit("_", 1)[-1]]
        assert (mark.get_markerfacecolor(), mark.get_marker()) == (colour, shape)


def test_somewhere_there_are_others_and_signals(material: Material) -> None:
    drawn = [
        figure(one, 0, Records(material.dataset, [str(material.records)]).of_episode(one), 40)
        for one in material.dataset.episodes()
    ]
    assert sum(one.get_gid() == "road user" for picture in drawn for one in picture.axes[0].collections) > 5
    assert sum(one.get_gid() == "signal" for picture in drawn for one in picture.axes[0].lines) > 1


def test_charts_show_the_episodes_numbers(picture: Figure, episode: Episode) -> None:
    _, speed, inputs, to_go, displacement, *_ = picture.axes
    times = np.arange(STEPS + 1) * 0.1
    for label, state in (("recorded", "log_state"), ("driven", "ego_state")):
        expected = np.linalg.norm(episode[state][:, 4:6], axis=1)
        assert np.allclose(line(speed, label), np.column_stack([times, expected]))
    stairs = {one.get_label(): one.get_data() for one in inputs.patches if hasattr(one, "get_data")}
    assert np.array_equal(stairs["steering"].values, episode["actions"][:, 0])
    assert np.array_equal(stairs["throttle"].values, episode["actions"][:, 1])
    assert np.allclose(stairs["throttle"].edges, times)
    assert np.allclose(to_go.lines[0].get_xydata(), np.column_stack([times[:-1], episode["returns_to_go"]]))
    expected = 100 * np.linalg.norm(episode["ego_state"][:, :2] - episode["log_state"][:, :2], axis=1)
    apart, ahead, left = (np.asarray(displacement.lines[row].get_ydata()) for row in range(3))
    assert np.allclose(apart, expected)
    assert np.allclose(displacement.lines[0].get_xdata(), times)
    assert np.allclose(np.hypot(ahead, left), expected)
    heading = episode["log_state"][:, 3]
    forward = np.column_stack([np.cos(heading), np.sin(heading)])
    moved = 100 * (episode["ego_state"][:, :2] - episode["log_state"][:, :2])
    assert np.allclose(ahead, np.sum(moved * forward, axis=1))
    assert np.allclose(left, moved[:, 1] * forward[:, 0] - moved[:, 0] * forward[:, 1])


def test_cost_and_the_trackers_inputs_are_shown_where_they_say_more(picture: Figure, episode: Episode) -> None:
    inputs = picture.axes[2]
    labels = {str(one.get_label()) for one in inputs.patches}
    differs = not np.array_equal(episode["actions"], episode["expert_actions"])
    assert ("tracker's (dashed)" in labels) is differs
    costs = picture.axes[5:]
    assert len(costs) == bool(episode["costs"].any())
    if costs:
        assert np.array_equal(np.asarray(costs[0].lines[0].get_ydata()), episode["costs_to_go"])


def test_the_material_has_each_case(material: Material) -> None:
    episodes = list(material.dataset.episodes())
    assert {bool(one["costs"].any()) for one in episodes} == {True, False}
    assert {bool(one["arrived"]) for one in episodes} == {True, False}
    assert {np.array_equal(one["actions"], one["expert_actions"]) for one in episodes} == {True, False}


def test_the_title_says_what_it_is(picture: Figure, episode: Episode, number: int) -> None:
    said = words(picture)
    assert episode.id in said
    assert f"{episode.split}, episode {number}" in said
    assert f"80 steps (8.0 s), {'arrived' if episode['arrived'] else 'did not arrive'}" in said
    assert f"return {float(episode['return']):.1f}" in said
    assert f"cost {float(episode['cost']):g}" in said
    assert f"{episode['source']}, byte {int(episode['offset'])}" in said
    assert "seen at step 40 (4.0 s)" in said


def test_without_a_record_the_picture_says_so(episode: Episode, number: int) -> None:
    picture = figure(episode, number, NoRecord("gone"), 40)
    above = picture.axes[0]
    assert [text.get_text() for text in above.texts if "no map" in text.get_text()]
    assert not [one for one in above.collections if one.get_gid() == "road user"]
    assert np.array_equal(line(above, "recorded"), episode["log_state"][:, :2])


def test_how_a_drive_was_disturbed_is_said_and_shown(picture: Figure, episode: Episode) -> None:
    disturbed = bool(episode["noise"] > 0)
    said = "0.05 m to the left, turned -5.7°, +1.5 m/s, noise of amplitude 0.75"
    assert (said in words(picture)) is disturbed
    boxes = [one for one in picture.axes[0].lines if one.get_label() == "recorded at the start"]
    assert len(boxes) == disturbed
    if disturbed:
        assert np.allclose(np.asarray(boxes[0].get_xydata())[:-1], ego_outline(episode["log_state"][0]))
        assert episode.id.endswith("/1")


def test_a_start_inside_the_record_is_said(episode: Episode) -> None:
    start = int(episode["start"])
    assert (f"starts {start / 10:.1f} s into the record" in disturbance_words(episode)) is (start > 0)


def test_boxes_of_the_ego_keep_apart(episode: Episode) -> None:
    driven = episode["ego_state"]
    rows = [40, *box_steps(driven, 40)]
    places = driven[rows, :2]
    gaps = np.linalg.norm(places[:, None] - places[None], axis=2)[np.triu_indices(len(rows), 1)]
    assert (gaps > 4.5).all()


def test_lines_look_as_painted() -> None:
    kinds = {
        "LANE_SURFACE_STREET": (palette.LANE, "-"),
        "ROAD_LINE_SOLID_SINGLE_WHITE": (palette.WHITE_LINE, "-"),
        "ROAD_LINE_BROKEN_SINGLE_WHITE": (palette.WHITE_LINE, "--"),
        "ROAD_LINE_SOLID_DOUBLE_YELLOW": (palette.YELLOW_LINE, "-"),
        "ROAD_LINE_PASSING_DOUBLE_YELLOW": (palette.YELLOW_LINE, "-."),
        "ROAD_EDGE_MEDIAN": (palette.EDGE, "-"),
    }
    here, far = np.array([[0.0, 0.0, 5.0], [1.0, 1.0, 5.0]]), np.array([[900.0, 0.0, 5.0], [901.0, 1.0, 5.0]])
    for kind, (colour, style) in kinds.items():
        axes = Figure().add_subplot()
        features = {str(n): {"type": kind, "polyline": points} for n, points in enumerate((here, far))}
        draw_map(axes, {"map_features": features}, View(-5, 5, -5, 5))
        (lines,) = [one for one in axes.collections if isinstance(one, LineCollection)]
        assert [segment.tolist() for segment in lines.get_segments()] == [here[:, :2].tolist()], kind
        assert np.array_equal(np.asarray(lines.get_color())[0], to_rgba(colour)), kind
        _, dashed = np.asarray(lines.get_linestyle(), dtype=object)[0]
        assert (dashed is not None) is (style != "-"), kind


def test_the_file_is_the_same_whenever_it_is_drawn(material: Material, tmp_path: Path) -> None:
    with mpl.rc_context({"font.size": 20, "savefig.bbox": "tight", "savefig.dpi": 30, "axes.facecolor": "red"}):
        draw_episode(material.dataset, 0, tmp_path / "a.png", [str(material.records)])
        assert mpl.rcParams["font.size"] == 20
    draw_episode(material.dataset, material.dataset.episode(0).id, tmp_path / "b.png", [str(material.records)])
    content = (tmp_path / "a.png").read_bytes()
    assert content == (tmp_path / "b.png").read_bytes()
    assert struct.unpack(">II", content[16:24]) == (1600, 2000)
    assert b"Software" not in content
    assert b"matplotlib" not in content


def test_text_that_looks_like_a_formula_is_drawn(material: Material) -> None:
    episode = material.dataset.episode(0)
    odd = Episode("train", {**episode.columns, "source": r"train$\notatex$/a$b", "scenario_id": "$^$"})
    assert png(figure(odd, 0, NoRecord(""), 0)).startswith(b"\x89PNG")


def test_episodes_are_named_by_number_or_id(material: Material) -> None:
    dataset = material.dataset
    for number, episode in enumerate(dataset.episodes()):
        assert episode_number(dataset, number) == episode_number(dataset, str(number)) == number
        assert episode_number(dataset, episode.id) == number
    for wrong in (4, -1, "4", "0/1", "-1", ""):
        with pytest.raises(DatasetError, match=r"has no episode"):
            episode_number(dataset, wrong)


def test_what_cannot_be_written_is_named(material: Material, tmp_path: Path) -> None:
    def refused(to: Path, kind: type[GoldDataError], step: int | None = None) -> str:
        with pytest.raises(kind) as caught:
            draw_episode(material.dataset, 0, to, [str(material.records)], step)
        return str(caught.value)

    (tmp_path / "taken.png").mkdir()
    (tmp_path / "file").touch()
    assert "ends in .png" in refused(tmp_path / "a.jpg", OutputError)
    assert "no folder" in refused(tmp_path / "none" / "a.png", OutputError)
    assert "no folder" in refused(tmp_path / "file" / "a.png", OutputError)
    assert "taken.png" in refused(tmp_path / "taken.png", OutputError)
    assert "steps 0 to 80" in refused(tmp_path / "a.png", SettingsError, 81)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "taken.png"]


def test_only_driving_can_be_drawn(material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = material.dataset.episode(0)
    less = Episode("train", {name: value for name, value in whole.columns.items() if name != "ego_state"})
    monkeypatch.setattr(Dataset, "episode", lambda *_: less)
    with pytest.raises(DatasetError, match="has no column ego_state"):
        draw_episode(material.dataset, 0, tmp_path / "a.png")


def test_the_command_says_why_there_is_no_map(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(material.dataset.root, tmp_path / "dataset")
    to = tmp_path / "a.png"

    def run(*arguments: str) -> int:
        command = ["gold-data", "view", str(tmp_path / "dataset"), *arguments, "--to", str(to)]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    assert run("1") == 0
    told = capsys.readouterr()
    assert told.out == f"{to}\n"
    assert "without map" in told.err
    assert "scenarios/ nor run.json" in told.err
    bare = to.read_bytes()

    (tmp_path / "dataset" / "run.json").write_text(json.dumps({"sources": [str(material.records)]}))
    assert run(material.dataset.episode(1).id, "--step", "40") == 0
    assert capsys.readouterr().err == ""
    assert to.read_bytes() != bare

    assert run("9") == 2
    assert "has no episode 9" in capsys.readouterr().err
    assert run("1", "--source", str(tmp_path)) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_sources_without_the_record_are_refused(material: Material, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        draw_episode(material.dataset, 0, tmp_path / "a.png", [str(tmp_path / "gone")])
    assert not (tmp_path / "a.png").exists()


def test_a_reader_needs_no_simulator_to_draw(material: Material, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "sys.modules.update(dict.fromkeys(['scipy', 'numba', 'metadrive', 'dask']));"  # None: it is not installed
        "from gold_data.shards import open_dataset; from gold_data.views.picture import draw_episode;"
        "draw_episode(open_dataset(sys.argv[1]), 0, Path(sys.argv[2]), [sys.argv[3]]);"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    command = [sys.executable, "-c", code, *map(str, (material.dataset.root, tmp_path / "a.png", material.records))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
    assert (tmp_path / "a.png").exists()
