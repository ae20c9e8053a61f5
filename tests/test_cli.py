from __future__ import annotations

import gzip
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Command, Done
from straight_road import straight_record, write_source

from gold_data import Dataset, open_dataset
from gold_data.errors import SourceError

QUICK = ["--workers", "0", "--set", "acceptance.min_steps=20"]
FOUR = [straight_record(f"a{number}") for number in range(4)]


@pytest.fixture
def gold_data(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(capsys, monkeypatch)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_source(tmp_path / "src" / "a.tfrecord-00000-of-00001", FOUR)


def convert(gold_data: Command, source: Path, out: Path, *options: object) -> Done:
    return gold_data("convert", source, "--out", out, *QUICK, *options)


def test_done(gold_data: Command, source: Path, tmp_path: Path) -> None:
    done = convert(gold_data, source.parent, tmp_path / "out", "--train", 2, "--test", 1, "--set", "unit=2")
    assert done.code == 0
    dataset = open_dataset(tmp_path / "out")
    assert {name: split.kept for name, split in dataset.manifest.splits.items()} == {
        **{"train": 2, "validation": 0, "test": 1}
    }
    assert dataset.digest in done.out
    assert "Driving: 3/3 (100%)" in done.err
    again = gold_data("inspect", tmp_path / "out")
    assert again.code == 0
    assert dataset.digest in again.out


def test_engines_that_differ_by_more_than_they_may(gold_data: Command, source: Path, tmp_path: Path) -> None:
    options = ["--engine", "batched", "--check-share", 1]
    assert convert(gold_data, source, tmp_path / "good", *options).code == 0
    done = convert(gold_data, source, tmp_path / "out", *options, "--set", "check.max_position=0")
    assert done.code == 1
    assert done.sentence.startswith(
        f"{tmp_path / 'out'}: the engines differ by more than they may in position_p95, see "
    )
    assert open_dataset(tmp_path / "out").manifest.engine == "batched"


def test_damaged_records_are_set_aside(gold_data: Command, tmp_path: Path) -> None:
    source = write_source(tmp_path / "src" / "a.tfrecord-00000-of-00001", FOUR, damaged=[1])
    done = convert(gold_data, source, tmp_path / "out")
    assert done.code == 3
    counts = open_dataset(tmp_path / "out").manifest.counts
    assert (counts.records.damaged, counts.episodes) == (1, 3)
    assert f'"offset": {len(FOUR[0]) + 16}' in (tmp_path / "out" / "damaged.jsonl").read_text()
    assert "1 damaged" in done.out


def test_a_file_that_ends_early(gold_data: Command, source: Path, tmp_path: Path) -> None:
    content = source.read_bytes()
    source.write_bytes(content[:-1000])
    done = convert(gold_data, source, tmp_path / "out")
    assert done.code == 3
    (line,) = (tmp_path / "out" / "damaged.jsonl").read_text().splitlines()
    assert "the file ends inside it" in line
    assert open_dataset(tmp_path / "out").manifest.counts.episodes == 3


def test_gzip_is_refused_with_the_command_that_unpacks_it(gold_data: Command, source: Path, tmp_path: Path) -> None:
    packed = source.with_name(source.name + ".gz")
    packed.write_bytes(gzip.compress(source.read_bytes()))
    source.unlink()
    done = convert(gold_data, packed, tmp_path / "out")
    assert done.code == 2
    command = re.search(r"unpack it with: (.*)$", done.sentence)
    assert command is not None
    assert str(packed) in done.sentence
    subprocess.run(shlex.split(command[1]), check=True)
    assert source.is_file()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("missing", "missing: there is no such file or folder; check the path"),
        ("*.record", "*.record: there is no such file or folder; check the path"),
        ("empty", "empty leads to no TFRecord files and no ScenarioNet pickles; give the folder that"),
        ("nothing.tfrecord", "nothing.tfrecord is empty (0 bytes); download it again"),
        ("page.tfrecord", "page.tfrecord is a web page (HTML)"),
        ("[/bold]", "[/bold]: there is no such file or folder"),
    ],
)
def test_input_that_cannot_be_used(
    gold_data: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "nothing.tfrecord").write_bytes(b"")
    (tmp_path / "page.tfrecord").write_text("<!DOCTYPE html><html>Sign in</html>")
    before = sorted(tmp_path.iterdir())
    done = convert(gold_data, Path(argument), Path("out"))
    assert done.code == 2
    assert done.sentence.startswith(said)
    assert done.out == ""
    assert sorted(tmp_path.iterdir()) == before


def test_not_one_whole_record(gold_data: Command, tmp_path: Path) -> None:
    source = write_source(tmp_path / "src" / "a.tfrecord", FOUR[:1], damaged=[0])
    done = convert(gold_data, source, tmp_path / "out")
    damage = "src/a.tfrecord at byte 0: its data do not match their CRC-32C"
    assert (done.code, done.sentence) == (2, f"{source}: not one whole scenario ({damage}); fetch or make them anew.")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--set", "nonsense=1"], "there is no setting 'nonsense'; try "),
        (["--set", "acceptance.min_rout=5"], "there is no setting 'acceptance.min_rout'; try acceptance.min_route"),
        (["--set", "acceptance.min_route=five"], "acceptance.min_route=five: Input should be a valid number"),
        (["--set", "acceptance.min_route=1"], "acceptance.min_route=1: Input should be greater than or equal to 2."),
        (["--set", "acceptance.max_heading=inf"], "acceptance.max_heading=inf: Input should be a finite number."),
        (["--set", "unit"], "--set unit: write NAME=VALUE, as in --set acceptance.min_route=5"),
        (["--engine", "bullet"], "engine=bullet: Input should be 'metadrive' or 'batched'."),
        (["--check-share", "2"], "check.share=2.0: Input should be less than or equal to 1."),
        (["--ego", "nobody"], "ego=nobody: Input should be 'sdc', 'moving' or 'all'."),
        (["--demonstrations", "0"], "demonstrations.number=0: Input should be greater than or equal to 1."),
        (["--demonstrations", "-3"], "demonstrations.number=-3: Input should be greater than or equal to 1."),
        (["--end", "crash"], "ends.end=crash: Input should be 'arrival' or 'record'."),
        (["--train", "-1"], "split.train=-1: Input should be greater than or equal to 0."),
        (["--train", "5"], "--train 5 asks for 5 scenarios, and the sources hold 4 that can be driven; ask for fewer"),
        (["--workers", "-2"], "--workers -2: ask for 1 or more"),
        (["--time-limit", "0"], "--time-limit 0: give seconds, more than 0"),
        (
            ["--scheduler", "tcp://127.0.0.1"],
            "--scheduler tcp://127.0.0.1: no Dask scheduler answers there within 10 s",
        ),
    ],
)
def test_wrong_use_is_one_sentence_and_nothing_written(
    gold_data: Command, source: Path, tmp_path: Path, options: list[str], said: str
) -> None:
    done = convert(gold_data, source, tmp_path / "out", *options)
    assert done.code == 2
    assert done.sentence.startswith(said)
    assert done.out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["src"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["convert", "src", "--out", "out", "--trian", "5"], "No such option: --trian"),
        (["convert", "src", "--out", "out", "--workers", "two"], "unable to parse string as an integer"),
        (["convert", "src"], "Missing option '--out'"),
        (["convert", "--out", "out"], "Missing argument"),
        (["convort"], "No such command 'convort'"),
        (["synth", "out", "--scenarios", "0"], "should be greater than or equal to 1"),
    ],
)
def test_what_the_command_line_does_not_know(
    gold_data: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = gold_data(*arguments)
    assert done.code == 2
    assert said in " ".join(done.err.replace("│", "").split())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["full", "file", "file/out", "/proc/gold"])
def test_a_place_that_cannot_be_written(gold_data: Command, source: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    (tmp_path / "file").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    done = convert(gold_data, source, tmp_path / place)
    assert done.code == 2
    assert done.sentence.startswith(str(tmp_path / place))
    assert "; name another OUT" in f"; {done.sentence}".replace("folder; ", "; ")
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "full" / "mine").read_text() == "mine"


@pytest.mark.parametrize("command", ["inspect", "view"])
def test_what_is_no_dataset(gold_data: Command, tmp_path: Path, command: str) -> None:
    more = ["0", "--to", str(tmp_path / "picture.png")] if command == "view" else []
    done = gold_data(command, tmp_path, *more)
    assert done.code == 2
    assert done.sentence.startswith(f"{tmp_path}: no manifest.json here; ")
    assert not list(tmp_path.iterdir())


def test_synth(gold_data: Command, tmp_path: Path) -> None:
    done = gold_data("synth", tmp_path / "out", "--scenarios", 1, "--seed", 3)
    assert done.code == 0
    assert done.out.split() == [str(tmp_path / "out" / "synthetic.tfrecord-00000-of-00001")]
    refused = gold_data("synth", tmp_path / "out")
    assert (refused.code, refused.out) == (2, "")
    assert refused.sentence.startswith(f"{tmp_path / 'out'} already holds files")


def test_an_interrupt_is_one_sentence(gold_data: Command, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gold_data.conversion.job.convert", interrupted)
    out = source.parent / "out"
    done = convert(gold_data, source, out)
    assert done.code == 130
    assert done.sentence.startswith(f"{out}: stopped; what is finished stays")


def test_an_error_is_printed_as_it_is(gold_data: Command, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[red]a[/red] very long sentence " + 40 * "with many words "

    def refused(*_: object, **__: object) -> None:
        raise SourceError(text)

    monkeypatch.setattr("gold_data.conversion.job.convert", refused)
    assert convert(gold_data, source, source.parent / "out").sentence.strip() == text.strip()


def test_help_names_every_command_and_its_options(gold_data: Command) -> None:
    done = gold_data("--help")
    assert done.code == 0
    assert all(command in done.out for command in ("convert", "inspect", "synth", "view"))
    asked = gold_data("convert", "--help")
    for option in ("--out", "--train", "--validation", "--test", "--end", "--scenarios", "--workers", "--scheduler"):
        assert option in asked.out


def test_the_installed_command(converted: Dataset) -> None:
    script = Path(sys.executable).with_name("gold-data")
    done = subprocess.run([script, "inspect", converted.root], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert converted.digest in done.stdout
