from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import zarr
from shards_material import trajectories

from gold_data.shards.layout import CHUNK_ROWS, LAYOUT, create_array
from gold_data.shards.writer import write_shard


def test_every_array_is_one_data_file_that_plain_zarr_reads(tmp_path: Path) -> None:
    write_shard(tmp_path / "shard", trajectories([3, 2]))
    group = zarr.open_group(tmp_path / "shard", mode="r")
    assert set(group.array_keys()) == set(LAYOUT)
    assert group.attrs["format"] == "gold-data shard"
    for name in LAYOUT:
        files = [path for path in (tmp_path / "shard" / name).rglob("*") if path.is_file()]
        assert len(files) == 2, name
        metadata = json.loads((tmp_path / "shard" / name / "zarr.json").read_text())
        assert metadata["dimension_names"][0] == LAYOUT[name].axis
        codec = metadata["codecs"][0]
        assert codec["name"] == "sharding_indexed"
        assert [inner["name"] for inner in codec["configuration"]["codecs"]][1:] == ["zstd", "crc32c"]
    assert np.asarray(zarr.open_array(tmp_path / "shard" / "scenario_id")[...]).tolist() == ["0" * 16, "0" * 15 + "1"]


def test_an_array_of_many_chunks_is_still_one_file(tmp_path: Path) -> None:
    group = zarr.create_group(tmp_path / "group", zarr_format=3)
    values = np.arange(2 * CHUNK_ROWS + 1, dtype=np.float32)
    create_array(group, LAYOUT["rewards"], values)
    files = [path.name for path in (tmp_path / "group" / "rewards").rglob("*") if path.is_file()]
    assert sorted(files) == ["0", "zarr.json"]
    np.testing.assert_array_equal(zarr.open_array(tmp_path / "group" / "rewards")[...], values)


def test_required_columns_are_the_core_that_any_environment_has() -> None:
    assert {name for name, column in LAYOUT.items() if column.required and not column.derived} == {
        "observations", "actions", "rewards", "costs", "scenario_id", "ego_id", "terminated", "truncated",
    }  # fmt: skip
