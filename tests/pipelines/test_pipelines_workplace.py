"""Results that are whole, with a record, or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from gold_data.errors import OutputError
from pipelines.workplace import Made, Workplace, size


def _made(stage: str) -> Made:
    return Made(
        stage=stage,
        written="run {out}",
        command=("run", "/w"),
        exit_code=0,
        began="2024-01-01T00:00:00Z",
        wall_seconds=1.5,
        cpu_seconds=2.5,
        peak_rss_bytes=10,
        size_bytes=0,
        gold_data="0",
    )


def test_what_is_kept_is_there_with_its_record(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.prepare("a", keep=False)
    place.partial("a").mkdir()
    (place.partial("a") / "file").write_text("x")
    assert place.made("a") is None
    place.keep(_made("a"))
    assert place.made("a") == _made("a")
    assert (place.result("a") / "file").read_text() == "x"
    place.forget("a")
    assert place.made("a") is None
    place.tidy()
    assert [path.name for path in tmp_path.rglob("*")] == ["stages"]


def test_a_record_without_a_result_counts_for_nothing(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.prepare("a", keep=False)
    place.partial("a").touch()
    place.keep(_made("a"))
    place.result("a").unlink()
    assert place.made("a") is None


def test_one_job_at_a_time(tmp_path: Path) -> None:
    with Workplace(tmp_path).held(), pytest.raises(OutputError, match="another job"), Workplace(tmp_path).held():
        pass
    with Workplace(tmp_path).held():
        pass


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No space left"), Workplace(tmp_path).held():
        raise OSError(28, "No space left on device")


def test_size_counts_files_and_no_links(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "file").write_bytes(bytes(1000))
    (tmp_path / "in" / "file").write_bytes(bytes(24))
    (tmp_path / "loop").symlink_to(tmp_path)
    assert size(tmp_path / "in") == 1024
    assert 1024 <= size(tmp_path) < 1024 + 4096
