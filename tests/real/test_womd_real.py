"""Every record of the real files: framed, and decoded to what protobuf makes of it, bit for bit."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gold_data.errors import SourceError
from gold_data.sources import Outlined, find_sources, outlines
from gold_data.womd import Frame, decode, scan
from gold_data.womd.reference import decode_with_protobuf

sys.path.append(str(Path(__file__).parents[1] / "womd"))
from womd_equality import equal

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))
MORE, WRONG_KIND = WOMD.parent / "womd_more", WOMD.parent / "wrong_kind"
FOLDERS = [folder for root in (WOMD, MORE) if root.is_dir() for folder in sorted(root.iterdir()) if folder.is_dir()]

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason=f"no real records at {WOMD}")

SAYS = {
    "empty.tfrecord": "is empty",
    "git_lfs_pointer.tfrecord": "git lfs pull",
    "gpudrive_scenario.json": "gpudrive",
    "gpudrive_scenario_named.tfrecord-00000-of-01000": "gpudrive",
    "html_page_saved_as.tfrecord-00000-of-00150": "web page",
    "motion_tf_example.tfrecord": "`scenario` folder",
    "tensorboard_events.tfrecord": "TensorBoard",
}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_every_record_is_read_as_protobuf_reads_it(folder: Path) -> None:
    records = 0
    for source in find_sources([str(folder)]):
        with source.contents() as contents:
            for frame in scan(contents):
                assert isinstance(frame, Frame)
                data = frame.data(contents)
                assert equal(decode(data), decode_with_protobuf(data)), (source.name, frame.offset)
                records += 1
    assert records > 0


@pytest.mark.skipif(not WRONG_KIND.is_dir(), reason=f"no files of a wrong kind at {WRONG_KIND}")
@pytest.mark.parametrize("name", SAYS)
def test_a_file_of_a_wrong_kind_is_named(name: str) -> None:
    with pytest.raises(SourceError, match=SAYS[name]):
        find_sources([str(WRONG_KIND / name)])


@pytest.mark.skipif(not WRONG_KIND.is_dir(), reason=f"no files of a wrong kind at {WRONG_KIND}")
def test_a_pickle_is_one_whatever_it_is_called() -> None:
    (source,) = find_sources([str(WRONG_KIND / "scenarionet_pickle.tfrecord")])
    (found,) = outlines(source)
    assert source.kind == "scenarionet"
    assert isinstance(found, Outlined)
    assert len(found.outline.lane_ids) > 0


@pytest.mark.skipif(not WRONG_KIND.is_dir(), reason=f"no files of a wrong kind at {WRONG_KIND}")
def test_a_file_cut_in_its_only_record_is_damaged() -> None:
    (source,) = find_sources([str(WRONG_KIND / "scenario_cut_in_record.tfrecord")])
    with source.contents() as contents:
        (damage,) = scan(contents)
    assert not isinstance(damage, Frame)
    assert damage.reason == "the file ends inside it"
