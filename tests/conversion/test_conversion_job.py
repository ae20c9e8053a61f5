from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from fsspec.implementations.local import LocalFileSystem
from rich.console import Console
from straight_road import QUICK, straight_record, write_small_sources, write_source

from gold_data import Dataset, GoldDataError, convert
from gold_data.conversion import job
from gold_data.conversion.plan import Plan, make_plan
from gold_data.errors import OutputError, SettingsError, SourceError, StoppedError
from gold_data.settings import ConvertSettings, SplitSettings
from gold_data.shards import verify
from gold_data.shards.verify import RUN

QUIET = Console(quiet=True)


def content(root: Path) -> dict[str, bytes]:
    """Every file but the one that may differ."""
    files = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
    assert files.pop(RUN)
    return files


def assert_same(found: Path, expected: Dataset) -> None:
    one, other = content(found), content(expected.root)
    assert list(one) == list(other)
    assert [name for name in one if one[name] != other[name]] == []


def test_run_json_alone_says_when_and_how(converted: Dataset) -> None:
    said = (converted.root / RUN).read_text()
    assert '"workers": 0' in said
    assert '"seconds"' in said


def test_same_bytes_by_a_worker_elsewhere(converted: Dataset, tmp_path: Path) -> None:
    """One worker process, another folder, files made in another order."""
    sources = write_small_sources(tmp_path / "another" / "place", backwards=True)
    convert(sources, tmp_path / "out", QUICK, workers=1, console=QUIET)
    assert_same(tmp_path / "out", converted)


def test_same_bytes_in_whatever_order_a_folder_is_listed(
    converted: Dataset, small_sources: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: Callable[..., dict[str, object]] = LocalFileSystem.find
    backwards = lambda *given, **named: dict(reversed(listed(*given, **named).items()))  # noqa: E731
    monkeypatch.setattr(LocalFileSystem, "find", backwards)
    monkeypatch.chdir(Path(small_sources[0]).parent)
    convert(
        ["training/*", "./more"],
        "../" + os.path.relpath(tmp_path / "out", Path.cwd().parent),
        QUICK,
        workers=0,
        console=QUIET,
    )
    assert_same(tmp_path / "out", converted)


COMMAND = "import sys; from gold_data.cli import main; main()"
INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); " + COMMAND
"""Who is started by a shell in the background ignores Ctrl-C, and so do all that it starts."""


@pytest.mark.parametrize(("hash_seed", "workers"), [("1", "2"), ("2", "0")])
def test_same_bytes_by_the_command_for_any_hash_seed(
    converted: Dataset, small_sources: list[str], tmp_path: Path, hash_seed: str, workers: str
) -> None:
    options = ["--set", "unit=2", "--set", "acceptance.min_steps=20", "--scenarios", "--workers", workers]
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "convert", *small_sources, "--out", str(tmp_path / "out"), *options],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert "Driving: 7/7 (100%)" in done.stderr
    assert_same(tmp_path / "out", converted)


def source(folder: Path) -> str:
    write_source(folder / "src" / "a.tfrecord-00000-of-00001", [straight_record("aa"), straight_record("bb")])
    return str(folder / "src")


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    settings = QUICK.model_copy(update={"scenarios": False})
    assert verify(convert([source(tmp_path)], tmp_path / "out", settings, workers=0, console=QUIET).root) == []


@pytest.mark.parametrize("kind", ["file", "folder with a file", "dataset"])
def test_what_is_there_is_never_written_over(tmp_path: Path, converted: Dataset, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine")
    elif kind == "dataset":
        shutil.copytree(converted.root, out)
    else:
        out.mkdir()
        (out / ".mine").write_text("")
    before = sorted(tmp_path.rglob("*"))
    sources = source(tmp_path / "sources")
    with pytest.raises(OutputError, match=r"out exists and is not an empty folder; name another OUT or remove it\.$"):
        convert([sources], out, QUICK, workers=0, console=QUIET)
    shutil.rmtree(tmp_path / "sources")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("place", ["file/out", "/proc/gold/out"])
def test_a_place_that_cannot_be_written(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"/out cannot be written: .*; name another OUT\.$"):
        convert([source(tmp_path)], tmp_path / place, QUICK, workers=0, console=QUIET)


@pytest.mark.parametrize(
    ("settings", "options", "error"),
    [
        (ConvertSettings(split=SplitSettings(train=3)), {}, SettingsError),
        (QUICK, {"workers": -1}, SettingsError),
        (QUICK, {"time_limit": 0.0}, SettingsError),
        (QUICK, {"time_limit": float("nan")}, SettingsError),
        (QUICK, {"time_limit": 1e12}, SettingsError),
        (QUICK, {"scheduler": "tcp://127.0.0.1"}, GoldDataError),
    ],
)
def test_nothing_is_left_of_a_conversion_that_never_began(
    tmp_path: Path, settings: ConvertSettings, options: dict[str, float], error: type[Exception]
) -> None:
    sources = source(tmp_path)
    with pytest.raises(error):
        convert([sources], tmp_path / "new" / "deep" / "out", settings, **{"workers": 0, "console": QUIET, **options})  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


def test_files_without_one_whole_record(tmp_path: Path) -> None:
    path = write_source(tmp_path / "src" / "a.tfrecord", [straight_record("aa")], damaged=[0])
    with pytest.raises(
        SourceError, match=r"src: not one whole scenario \(src/a\.tfrecord at byte 0: .*\); fetch or make them anew\.$"
    ):
        convert([str(path.parent)], tmp_path / "out", QUICK, workers=0, console=QUIET)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ZeroDivisionError("a mistake")])
def test_an_interrupt_while_indexing_comes_through_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def interrupted(*_: object) -> None:
        raise error

    monkeypatch.setattr(job, "index_source", interrupted)
    with pytest.raises(type(error)):
        convert([source(tmp_path)], tmp_path / "out", QUICK, workers=0, console=QUIET)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_in_mid_drive_comes_through_and_workers_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    sources = source(tmp_path)

    def plan_and_change(*given: Any) -> Plan:
        plan = make_plan(*given)
        write_source(tmp_path / "src" / "a.tfrecord-00000-of-00001", [straight_record("aa")])
        return plan

    monkeypatch.setattr(job, "make_plan", plan_and_change)
    with pytest.raises(StoppedError, match=r"src/a\.tfrecord-00000-of-00001: record at byte .* --resume goes on from"):
        convert([sources], tmp_path / "out", QUICK, workers=workers, console=QUIET)
    assert not (tmp_path / "out" / "manifest.json").exists()
    working = ("distributed", "spawn_main")
    running = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    assert [command for command in running if any(word in command for word in working)] == []


@pytest.mark.parametrize(
    ("workers", "asked", "code"), [("0", signal.SIGINT, 130), ("2", signal.SIGINT, 130), ("0", signal.SIGTERM, 1)]
)
def test_who_asks_to_stop_gets_one_sentence(tmp_path: Path, workers: str, asked: signal.Signals, code: int) -> None:
    names = [f"{number:02x}" for number in range(40)]
    write_source(tmp_path / "src" / "a.tfrecord", [straight_record(name, steps=80) for name in names])
    options = [
        "convert",
        str(tmp_path / "src"),
        "--out",
        str(tmp_path / "out"),
        "--set",
        "unit=5",
        "--workers",
        workers,
    ]
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *options], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stderr is not None
        said = []
        for line in running.stderr:
            said.append(line)
            if line.startswith("Driving:"):
                break
        assert any(
            os.getsid(child.pid) == running.pid for child in psutil.Process(running.pid).children(recursive=True)
        )
        os.killpg(running.pid, asked)  # as a terminal does
        said += running.stderr.readlines()
        assert running.wait(30) == code, said
    text = "".join(said)
    assert "Traceback" not in text, text[-3000:]
    assert text.splitlines()[-1].endswith(
        "out: stopped; what is finished stays, and the same command with --resume goes on from there."
    )
    assert not (tmp_path / "out" / "manifest.json").exists()
    deadline = time.monotonic() + 5
    while (left := _session(running.pid)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def _session(leader: int) -> list[str]:
    """Commands of the processes that still run in a session."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
    return found
