from __future__ import annotations

import pickle
from pathlib import Path

import fsspec
import pytest
from sources_material import Harm, change_summary, description, rewrite, write_database, write_description, write_harm

from gold_data.errors import SourceError
from gold_data.scenarionet import file_name, write_summary
from gold_data.sources import Outlined, Source, find_sources, outlines
from gold_data.sources.source import Claim
from gold_data.womd import Damage


def found(*arguments: Path) -> list[Source]:
    return list(find_sources([str(path) for path in arguments]))


def reasons(*arguments: Path) -> dict[str, str]:
    """What becomes of each file: why it is damaged, or nothing."""
    told = {}
    for source in found(*arguments):
        (one,) = outlines(source)
        told[source.name] = one.reason if isinstance(one, Damage) else ""
        assert isinstance(one, Damage | Outlined)
        assert (one.offset, one.length) == (0, source.size)
    return told


def test_what_a_database_says_of_each_file(tmp_path: Path) -> None:
    write_database(tmp_path / "db")
    sources = found(tmp_path / "db")
    assert [source.name for source in sources] == [f"db/{file_name(name)}" for name in ("0a", "0b", "0c")]
    assert {source.kind for source in sources} == {"scenarionet"}
    assert sources[0].claims == (Claim("db/dataset_summary.pkl", "0a", 30),)
    assert set(reasons(tmp_path / "db").values()) == {""}


def test_a_database_of_units_as_this_package_writes_it(tmp_path: Path) -> None:
    for unit, names in (("train-00000", ("0a", "0b")), ("test-00000", ("0c",))):
        write_database(tmp_path / "scenarios" / unit, names)
    write_summary(tmp_path / "scenarios")
    sources = found(tmp_path / "scenarios")
    assert [source.name for source in sources] == [
        f"scenarios/test-00000/{file_name('0c')}",
        f"scenarios/train-00000/{file_name('0a')}",
        f"scenarios/train-00000/{file_name('0b')}",
    ]
    assert {claim.summary for claim in sources[0].claims} == {
        "scenarios/dataset_summary.pkl",
        "scenarios/test-00000/dataset_summary.pkl",
    }
    assert set(reasons(tmp_path / "scenarios").values()) == {""}


def test_what_is_listed_and_not_there_is_damaged(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db")
    (folder / file_name("0b")).unlink()
    told = reasons(folder)
    assert len(told) == 3
    assert told[f"db/{file_name('0b')}"].startswith("db/dataset_summary.pkl lists it, and it is not there; copy it too")
    assert sum(map(bool, told.values())) == 1


def test_what_is_there_and_not_listed_is_damaged(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", ("0a",))
    write_description(folder, "0b")
    write_description(folder / "below", "0c")
    assert reasons(folder) == {
        f"db/{file_name('0a')}": "",
        f"db/{file_name('0b')}": "db/dataset_summary.pkl does not list it; leave it out, or make the database anew",
        f"db/below/{file_name('0c')}": (
            "db/dataset_summary.pkl does not list it; leave it out, or make the database anew"
        ),
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"track_length": 31}, "db/dataset_summary.pkl gives it the length 31, the file itself 30; make the data"),
        ({"scenario_id": "0z"}, "db/dataset_summary.pkl gives it the id 0z, the file itself 0b; make the database"),
    ],
)
def test_a_summary_that_says_another_thing_than_the_file(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    folder = write_database(tmp_path / "db")
    change_summary(folder, "0b", **changes)
    told = reasons(folder)
    assert told.pop(f"db/{file_name('0b')}").startswith(reason)
    assert set(told.values()) == {""}


def test_a_summary_that_says_nothing_of_a_file(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", ("0a",))
    rewrite(folder / "dataset_summary.pkl", {file_name("0a"): {}})
    (folder / "dataset_mapping.pkl").unlink()
    assert reasons(folder) == {f"db/{file_name('0a')}": ""}


def test_folders_of_pickles_and_databases_in_one_folder(tmp_path: Path) -> None:
    write_database(tmp_path / "all" / "one", ("0a",))
    write_database(tmp_path / "all" / "two", ("0b",))
    write_description(tmp_path / "all" / "loose", "0c")
    (tmp_path / "all" / "notes.pkl").write_bytes(pickle.dumps([1, 2]))
    assert reasons(tmp_path / "all") == {
        f"all/loose/{file_name('0c')}": "",
        f"all/one/{file_name('0a')}": "",
        f"all/two/{file_name('0b')}": "",
    }


@pytest.mark.parametrize("place", ["..", "../other", "/tmp", "a/../../b", 7])
def test_a_mapping_that_leads_out_of_its_database(tmp_path: Path, place: object) -> None:
    folder = write_database(tmp_path / "db", ("0a",))
    rewrite(folder / "dataset_mapping.pkl", {file_name("0a"): place})
    with pytest.raises(SourceError, match=r"db/dataset_mapping\.pkl leads outside of its database \("):
        found(folder)


@pytest.mark.parametrize("name", ["../x.pkl", "/x.pkl", "..", "below/x.pkl", 7])
def test_a_name_that_leads_out_of_its_database(tmp_path: Path, name: object) -> None:
    folder = write_database(tmp_path / "db", ("0a",))
    rewrite(folder / "dataset_summary.pkl", {name: {}})
    rewrite(folder / "dataset_mapping.pkl", {name: ""})
    with pytest.raises(SourceError, match="leads outside of its database"):
        found(folder)


def test_a_mapping_within_is_followed(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", ("0a",))
    (folder / "below").mkdir()
    (folder / file_name("0a")).rename(folder / "below" / file_name("0a"))
    rewrite(folder / "dataset_mapping.pkl", {file_name("0a"): "./below/../below/"})
    assert reasons(folder) == {f"db/below/{file_name('0a')}": ""}


@pytest.mark.parametrize("file", ["dataset_summary.pkl", "dataset_mapping.pkl"])
def test_a_summary_that_would_run_something_is_named_and_not_run(tmp_path: Path, file: str) -> None:
    folder, harm = write_database(tmp_path / "db", ("0a",)), tmp_path / "harm"
    (folder / file).write_bytes(pickle.dumps({file_name("0a"): Harm(harm)}))
    with pytest.raises(SourceError, match=rf"db/{file} cannot be read safely: it names posix\.mkdir, which"):
        found(folder)
    assert not harm.exists()


def test_a_summary_that_is_none(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", ("0a",))
    rewrite(folder / "dataset_summary.pkl", ["0a"])
    with pytest.raises(SourceError, match=r"dataset_summary\.pkl is no dict by file name"):
        found(folder)


def test_a_pickle_that_would_run_something_in_a_database(tmp_path: Path) -> None:
    folder, harm = write_database(tmp_path / "db", ("0a", "0b")), tmp_path / "harm"
    write_harm(folder / file_name("0b"), harm)
    told = reasons(folder)
    assert told[f"db/{file_name('0a')}"] == ""
    assert "it names posix.mkdir, which is never run" in told[f"db/{file_name('0b')}"]
    assert not harm.exists()


def test_a_database_at_a_url(tmp_path: Path) -> None:
    folder, memory = write_database(tmp_path / "db"), fsspec.filesystem("memory")
    try:
        for path in folder.iterdir():
            memory.pipe(f"/bucket/db/{path.name}", path.read_bytes())
        memory.rm(f"/bucket/db/{file_name('0c')}")
        sources = find_sources(["memory://bucket/db"])
        first, _, last = (next(outlines(source)) for source in sources)
        assert isinstance(first, Outlined)
        assert first.outline.scenario_id == description("0a")["id"]
        assert isinstance(last, Damage)
        assert "is not there" in last.reason
        assert sources[2].location.endswith(f"bucket/db/{file_name('0c')}")
    finally:
        memory.rm("/bucket", recursive=True)
