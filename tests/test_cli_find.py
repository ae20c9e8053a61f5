"""`gold-data find`, from the command line on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Command
from straight_road import straight_record, write_source

from gold_data.scenarionet import describe, write_unit
from gold_data.womd import decode

RECORDS = [straight_record(f"0123abc{number}", steps=3) for number in range(3)]


def _find(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object
) -> tuple[object, str, str]:
    done = Command(capsys, monkeypatch)("find", *arguments)
    return done.code, done.out, done.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """0123abc1 in a TFRecord twice, once damaged, and in a pickle."""
    write_source(tmp_path / "src" / "a.tfrecord", RECORDS)
    write_source(tmp_path / "src" / "b.tfrecord", [RECORDS[1]], damaged=[0])
    write_unit(tmp_path / "src" / "database", [describe(decode(RECORDS[1]), "a.tfrecord")])
    return tmp_path / "src"


def test_every_place(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "one.tfrecord"
    code, out, err = _find(capsys, monkeypatch, "0123abc1", folder, "--to", to)
    assert code == 0
    first, second, third = out.splitlines()
    offset = len(RECORDS[0]) + 16
    assert (
        first == f"{folder}/a.tfrecord: byte {offset:,}, record 1 (from 0), {len(RECORDS[1]):,} bytes of data, CRC ok"
    )
    assert second.startswith(f"{folder}/b.tfrecord: byte 0, record 0")
    assert second.endswith("DAMAGED: its data do not match their CRC-32C")
    assert third.startswith(f"{folder}/database/sd_waymo_v1.2_0123abc1.pkl: byte 0, record 0")
    damage = f"{len(RECORDS[1]) + 16} bytes from byte 0 on: its data do not match their CRC-32C"
    assert err == f"gold-data: {folder}/b.tfrecord: {damage}\n"
    assert to.read_bytes() == (folder / "a.tfrecord").read_bytes()[offset : offset + len(RECORDS[1]) + 16]


def test_for_scripts_and_from_the_current_folder(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    code, out, _ = _find(capsys, monkeypatch, "0123abc1", "--json")
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(Path(row["file"]).name, row["kind"], row["crc_ok"]) for row in rows] == [
        ("a.tfrecord", "womd", True),
        ("b.tfrecord", "womd", False),
        ("sd_waymo_v1.2_0123abc1.pkl", "scenarionet", True),
    ]


def test_nowhere(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "one.tfrecord"
    code, out, err = _find(capsys, monkeypatch, "0123abc9", folder / "a.tfrecord", "--to", to)
    assert (code, out) == (1, "")
    assert err.startswith("gold-data: 0123abc9: none of 1 files holds it; did you mean 0123abc")
    assert not to.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument"),
        (["0123abc1", "missing"], "missing: there is no such file or folder; check the path"),
        (["0123abc1", "empty"], "empty leads to no "),
        (["0123abc1", "src/a.tfrecord", "--to", "src/a.tfrecord"], "src/a.tfrecord: is there already and is never"),
        (["0123abc1", "src/database", "--to", "one"], "a ScenarioNet pickle is a file of its own, copy it"),
        (["0123abc1", "src/a.tfrecord", "--to", "nowhere/one"], "nowhere/one: cannot be written"),
    ],
)
def test_wrong_use(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    before = sorted(tmp_path.rglob("*"))
    code, _, err = _find(capsys, monkeypatch, *arguments)
    assert code == 2
    assert said in " ".join(err.replace("│", "").split())
    assert sorted(tmp_path.rglob("*")) == before


def test_it_needs_no_simulator(folder: Path) -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['metadrive', 'dask', 'distributed', 'scipy', 'panda3d']));"
        f"sys.argv = ['gold-data', 'find', '0123abc0', {str(folder)!r}]; from gold_data.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done.stderr
