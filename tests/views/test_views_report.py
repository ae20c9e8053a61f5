"""The report is one page with the manifest's numbers and each kind of scene, and has words for every picture."""

from __future__ import annotations

import json
import re
import shutil
import struct
import sys
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path

import pytest
from views_material import Material, make_material, other_ego, rejected_row, write_dataset

from gold_data.cli import main
from gold_data.errors import DatasetError, OutputError, SourceError
from gold_data.settings import ConvertSettings
from gold_data.shards import Dataset
from gold_data.views.report import write_report

LARGEST = 150_000


class Page(HTMLParser):
    """A page's text, its pictures' attributes, and every address that it names."""

    VOID = ("meta", "img", "br", "rect", "line", "link")

    def __init__(self, content: str) -> None:
        super().__init__()
        self.text = ""
        self.pictures: list[dict[str, str]] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.addresses += [found[name] for name in ("src", "href") if name in found]
        self.ids += [found["id"]] if "id" in found else []
        if tag == "img":
            self.pictures.append(found)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("views"))


@pytest.fixture(scope="module")
def page(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Page:
    to = tmp_path_factory.mktemp("report") / "report.html"
    assert write_report(material.dataset, to, [str(material.records)]) == ()
    return Page(to.read_text())


@pytest.fixture(scope="module")
def small(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """One episode, one rejected ego."""
    episode = other_ego(material, 0)
    return write_dataset(
        tmp_path_factory.mktemp("small") / "dataset", {"train": [episode]}, [rejected_row(episode, "parked", 0.5, 10.0)]
    )


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_page_is_whole_and_needs_nothing_else(page: Page) -> None:
    assert page.open == []
    for address in page.addresses:
        assert address.startswith(("data:image/png;base64,", "#"))
        assert not address.startswith("#") or address[1:] in page.ids
    assert "<script" not in page.text


def test_counts_add_up(page: Page) -> None:
    said = plain(page.text)
    assert "records read9= 7 scenarios + 1 damaged + 1 duplicate" in said
    assert "scenarios7= 4 kept + 3 rejected + 0 not asked for" in said
    assert "egos considered5= 3 kept + 2 rejected" in said
    assert "disturbed drives2= 1 kept + 1 rejected" in said
    assert "episodes4= 3 egos + 1 disturbed drives" in said
    assert "why 0" in said


def test_each_rule_has_a_scene_and_disturbed_drives_are_there(page: Page) -> None:
    alts = [picture["alt"] for picture in page.pictures]
    assert len(alts) == 2 + 3  # two rules; three starts inside the record, one of them disturbed besides
    assert sum("parked: " in alt and "where the threshold is 10 m" in alt for alt in alts) == 1
    assert sum("too_short: " in alt for alt in alts) == 1
    assert all("Marked: x " in alt for alt in alts if "parked: " in alt)
    assert sum("noise of amplitude 0.75" in alt for alt in alts) == 1
    assert all("Off the record by 0." in alt for alt in alts if "Disturbed: " in alt)


def test_pictures_are_small_and_as_large_as_said(page: Page) -> None:
    for picture in page.pictures:
        content = b64decode(picture["src"].partition(",")[2])
        assert len(content) < LARGEST
        assert struct.unpack(">II", content[16:24]) == (int(picture["width"]), int(picture["height"]))


def test_without_records_it_says_so_and_draws_the_shards(material: Material, tmp_path: Path) -> None:
    notes = write_report(material.dataset, tmp_path / "a.html")
    page = Page((tmp_path / "a.html").read_text())
    assert notes
    assert "give --source" in notes[0]
    assert notes[0] in page.text
    assert all("Disturbed: " in picture["alt"] for picture in page.pictures)
    assert len(page.pictures) == 3
    assert "Not drawn: " in page.text


def test_other_egos_are_shown(material: Material, tmp_path: Path) -> None:
    others = [other_ego(material, number) for number in range(2)]
    dataset = write_dataset(
        tmp_path / "dataset", {"train": others}, [rejected_row(others[0], "not_describable", None, None)]
    )
    (dataset.root / "settings.json").write_text(json.dumps(ConvertSettings(ego="moving").model_dump(mode="json")))
    assert write_report(dataset, tmp_path / "a.html", [str(material.records)]) == (
        "There is no scene to draw of a record that is none.",
    )
    page = Page((tmp_path / "a.html").read_text())
    assert "Other egos than the record's own car" in page.text
    assert len(page.pictures) == 2
    assert not any("Disturbed" in picture["alt"] for picture in page.pictures)
    write_report(dataset, tmp_path / "b.html")
    assert "is not known without the records" in Page((tmp_path / "b.html").read_text()).text


def test_names_are_never_markup(small: Dataset, tmp_path: Path) -> None:
    root = tmp_path / "<b>&amp; 'a'"
    shutil.copytree(small.root, root)
    row = json.loads((root / "rejected.jsonl").read_text().splitlines()[0])
    (root / "rejected.jsonl").write_text(json.dumps(row | {"detail": "<script>x</script>\"'"}) + "\n")
    write_report(Dataset(root, small.manifest), tmp_path / "a.html")
    content = (tmp_path / "a.html").read_text()
    assert "<script" not in content
    assert "<b>" not in content
    assert "<script>x</script>" in Page(content).text


def test_a_dataset_without_episodes_has_a_report(material: Material, tmp_path: Path) -> None:
    shutil.copytree(material.dataset.root, tmp_path / "dataset")
    (tmp_path / "dataset" / "rejected.jsonl").write_text("")
    counts = material.dataset.manifest.counts.model_copy(update={"episodes": 0})
    manifest = material.dataset.manifest.model_copy(update={"counts": counts, "shards": ()})
    assert write_report(Dataset(tmp_path / "dataset", manifest), tmp_path / "a.html") == ()
    page = Page((tmp_path / "a.html").read_text())
    assert "Nobody." in page.text
    assert page.pictures == []


def test_the_same_page_whenever_it_is_made(material: Material, small: Dataset, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_report(small, tmp_path / f"{name}.html", [str(material.records)])
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert "An episode" in Page((tmp_path / "a.html").read_text()).text  # there is none of another kind


def test_what_cannot_be_is_named(material: Material, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"ends in \.html"):
        write_report(material.dataset, tmp_path / "a.pdf")
    with pytest.raises(OutputError, match="no folder"):
        write_report(material.dataset, tmp_path / "none" / "a.html")
    with pytest.raises(SourceError, match="no such file"):
        write_report(material.dataset, tmp_path / "a.html", [str(tmp_path / "gone")])
    shutil.copytree(material.dataset.root, tmp_path / "dataset")
    (tmp_path / "dataset" / "rejected.jsonl").write_text('{"rule": "parked", "ego": "1"}\n')
    with pytest.raises(DatasetError, match=r"rejected\.jsonl"):
        write_report(Dataset(tmp_path / "dataset", material.dataset.manifest), tmp_path / "a.html")
    assert not (tmp_path / "a.html").exists()


def test_the_command(
    material: Material,
    small: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["gold-data", "report", str(small.root), *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    to = str(tmp_path / "a.html")
    assert run("--to", to, "--source", str(material.records)) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == (f"{to}\n", "")
    assert run("--to", to) == 0
    assert "give --source" in capsys.readouterr().err
    assert run("--to", str(tmp_path / "a.txt")) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
