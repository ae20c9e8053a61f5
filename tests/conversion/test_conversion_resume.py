from __future__ import annotations

import errno
import fcntl
import io
import json
import shutil
from pathlib import Path

import pytest
from conversion_kills import Remembered, cut, remember
from rich.console import Console
from straight_road import QUICK, straight_record, write_source

from gold_data import convert
from gold_data.conversion.unit import ROWS
from gold_data.errors import GoldDataError, OutputError, SettingsError, StoppedError
from gold_data.settings import ConvertSettings
from gold_data.shards import verify

SETTINGS = QUICK.model_copy(update={"unit": 1})
NAMES = ("aa", "bb", "cc", "dd")
QUIET = Console(quiet=True)


@pytest.fixture(autouse=True)
def _remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    remember(monkeypatch)


def sources(folder: Path, names: tuple[str, ...] = NAMES) -> list[str]:
    write_source(folder / "src" / "a.tfrecord-00000-of-00001", [straight_record(name) for name in names])
    return [str(folder / "src")]


def job(folder: Path, *, resume: bool = False, settings: ConvertSettings = SETTINGS, console: Console = QUIET) -> Path:
    given = [str(folder / "src")]
    return convert(given, folder / "out", settings, workers=0, resume=resume, console=console).root


def tree(root: Path) -> dict[str, bytes | None]:
    """Folders and files, but for the one that may differ."""
    found = {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None for path in sorted(root.rglob("*"))
    }
    del found["run.json"]
    return found


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes | None]:
    folder = tmp_path_factory.mktemp("uninterrupted")
    with pytest.MonkeyPatch.context() as patch:
        remember(patch)
        sources(folder)
        return tree(job(folder))


WRITES = [
    ("os.mkdir", ROWS),
    ("open", f"{ROWS}/lock"),
    ("os.rename", "out/settings.json"),
    ("os.rename", "out/plan.json"),
    ("os.mkdir", "out/shards"),
    ("os.rename", "rewards/c/0"),
    ("os.rename", "train-00001.zarr"),
    ("os.rename", "scenarios/train-00001"),
    ("os.rename", f"{ROWS}/train-00001.json"),
    ("os.rename", f"{ROWS}/test-00000.json"),
    ("os.rename", "out/statistics.json"),
    ("os.rename", "out/rejected.jsonl"),
    ("os.rename", "scenarios/dataset_summary.pkl"),
    ("os.rename", "scenarios/dataset_mapping.pkl"),
    ("os.rename", "out/README.md"),
    ("os.rename", "out/manifest.json"),
    ("os.rename", "out/run.json"),
    ("shutil.rmtree", ROWS),
    ("os.remove", "train-00000.json"),
]
"""Where a job changes its folder, in its order."""


@pytest.mark.parametrize(("event", "name"), WRITES)
def test_a_job_that_is_killed_at_a_write_is_resumed_to_the_same_bytes(
    tmp_path: Path, expected: dict[str, bytes | None], event: str, name: str
) -> None:
    sources(tmp_path)
    with cut(tmp_path / "out", event, name) as came, pytest.raises((GoldDataError, OSError)):
        job(tmp_path)
    assert came
    finished = len(list((tmp_path / "out" / ROWS).glob("t*-*.json")) + list((tmp_path / "out" / ROWS).glob("v*.json")))
    Remembered.asked = 0
    assert tree(job(tmp_path, resume=True)) == expected
    if (event, name) not in WRITES[-2:]:
        assert Remembered.asked == len(NAMES) - finished, "what is finished is not driven again"
    assert verify(tmp_path / "out") == []


def test_a_job_may_be_killed_again_and_again(tmp_path: Path, expected: dict[str, bytes | None]) -> None:
    sources(tmp_path)
    for event, name in WRITES[3::3]:
        with cut(tmp_path / "out", event, name) as came, pytest.raises((GoldDataError, OSError)):
            job(tmp_path, resume=True)
        assert came
    assert tree(job(tmp_path, resume=True)) == expected


@pytest.mark.parametrize(("event", "name"), [WRITES[5], WRITES[6], WRITES[10], WRITES[15]])
def test_a_full_disk_stops_the_job_in_one_sentence_and_keeps_what_is_finished(
    tmp_path: Path, expected: dict[str, bytes | None], event: str, name: str
) -> None:
    sources(tmp_path)
    with cut(tmp_path / "out", event, name, errno.ENOSPC), pytest.raises(StoppedError) as caught:
        job(tmp_path)
    assert caught.value.exit_code == 1
    assert "No space left on device" in str(caught.value)
    assert "shards finished, which stay; the same command with --resume goes on from there." in str(caught.value)
    assert "\n" not in str(caught.value)
    finished = {path.stem for path in (tmp_path / "out" / ROWS).glob("t*.json")}
    for unit in finished:
        assert (tmp_path / "out" / "shards" / f"{unit}.zarr" / "rewards").is_dir()
    assert tree(job(tmp_path, resume=True)) == expected


def test_a_full_disk_before_the_plan_leaves_nothing(tmp_path: Path) -> None:
    sources(tmp_path)
    with cut(tmp_path / "out", *WRITES[3], errno.ENOSPC), pytest.raises(OutputError, match="No space left on device"):
        job(tmp_path)
    assert not (tmp_path / "out").exists()


def test_a_finished_dataset_is_left_alone(tmp_path: Path) -> None:
    sources(tmp_path)
    out = job(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    text = io.StringIO()
    job(tmp_path, resume=True, console=Console(file=text, width=500))
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    assert text.getvalue().splitlines()[-1] == f"{out} is finished already; nothing was done."
    with pytest.raises(SettingsError, match="was begun with other settings: unit: 1 -> 2; resume with"):
        job(tmp_path, resume=True, settings=QUICK)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def stopped(folder: Path) -> Path:
    """A job with one unit finished."""
    sources(folder)
    with cut(folder / "out", "os.rename", f"{ROWS}/train-00001.json"), pytest.raises(StoppedError):
        job(folder)
    return folder / "out"


def test_without_resume_a_stopped_job_is_refused(tmp_path: Path) -> None:
    out = stopped(tmp_path)
    with pytest.raises(OutputError, match=r"out holds a job that is not finished; go on with it by --resume"):
        job(tmp_path)
    assert (out / ROWS / "train-00000.json").exists()


def test_other_settings_are_named(tmp_path: Path) -> None:
    stopped(tmp_path)
    other = SETTINGS.model_copy(
        update={"ego": "moving", "acceptance": SETTINGS.acceptance.model_copy(update={"min_route": 5.0})}
    )
    with pytest.raises(SettingsError) as caught:
        job(tmp_path, resume=True, settings=other)
    assert "out was begun with other settings: acceptance.min_route: 10.0 -> 5.0; ego: sdc -> moving;" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("aa", "bb", "cc"), r"src/a.tfrecord-00000-of-00001: \d+ bytes with 4 records -> \d+ bytes with 3 records"),
        (("aa", "bb", "cc", "ee"), r"src/a.tfrecord-00000-of-00001: other records of the same size"),
    ],
)
def test_other_sources_are_named(tmp_path: Path, names: tuple[str, ...], said: str) -> None:
    stopped(tmp_path)
    sources(tmp_path, names)
    with pytest.raises(OutputError, match=f"out was begun with other sources: {said}; resume with"):
        job(tmp_path, resume=True)
    sources(tmp_path)
    write_source(tmp_path / "src" / "b.tfrecord-00000-of-00001", [straight_record("ff")])
    with pytest.raises(OutputError, match=r"src/b\.tfrecord-00000-of-00001: not there -> \d+ bytes with 1 records"):
        job(tmp_path, resume=True)


def test_other_software_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped(tmp_path)
    newer = {**json.loads((tmp_path / "out" / "plan.json").read_text())["software"], "zarr": "99"}
    monkeypatch.setattr("gold_data.conversion.resuming.software", lambda: newer)
    with pytest.raises(OutputError, match=r"out was begun with other software: zarr: .* -> 99; "):
        job(tmp_path, resume=True)


def test_a_unit_whose_file_was_cut_is_made_again(tmp_path: Path, expected: dict[str, bytes | None]) -> None:
    out = stopped(tmp_path)
    (out / "shards" / "train-00000.zarr" / "rewards" / "c" / "0").write_bytes(b"")
    Remembered.asked = 0
    assert tree(job(tmp_path, resume=True)) == expected
    assert Remembered.asked == len(NAMES)


def test_two_jobs_never_work_in_one_folder(tmp_path: Path, expected: dict[str, bytes | None]) -> None:
    out = stopped(tmp_path)
    with (out / ROWS / "lock").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(OutputError, match="out: another job works there now; wait for its end"):
            job(tmp_path, resume=True)
    assert tree(job(tmp_path, resume=True)) == expected


def test_a_file_system_without_locks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: object, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    text = io.StringIO()
    sources(tmp_path)
    job(tmp_path, console=Console(file=text, width=500))
    assert "this file system knows no locks; see to it that no other job works there." in text.getvalue()


@pytest.mark.parametrize("kind", ["folder with a file", "old rows", "file"])
def test_what_is_no_stopped_job_is_not_resumed(tmp_path: Path, kind: str) -> None:
    sources(tmp_path)
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine")
    else:
        (out / (ROWS if kind == "old rows" else "")).mkdir(parents=True)
        (out / "mine").write_text("mine")
    with pytest.raises(OutputError, match="out holds no conversion that could be resumed; name another OUT or remove"):
        job(tmp_path, resume=True)
    assert (out if kind == "file" else out / "mine").read_text() == "mine"


def test_what_cannot_fit_is_refused_before_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources(tmp_path)
    usage = shutil.disk_usage(tmp_path)._replace(free=50_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage)
    with pytest.raises(OutputError, match=r"out: about \d+ kB will be written, and 50 kB are free; make room, "):
        job(tmp_path)
    assert not (tmp_path / "out").exists()
