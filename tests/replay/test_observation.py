"""The observation's layout: names, places, and digests that tell two layouts apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gold_data.replay.observation import EGO, blocks, digest, slices


@pytest.mark.parametrize(("rays", "size"), [(120, 276), (240, 396)])
def test_the_blocks_lie_end_to_end(rays: int, size: int) -> None:
    layout = blocks(rays)
    where = slices(layout)
    expected = {
        **{"side": 12, "ego": 7, "navigation_stock": 22, "lidar": rays, "navigation": 22, "pace": 4},
        **{"motion": 3, "neighbours": 56, "signal": 6, "speed_limit": 2, "conflict": 22},
    }
    assert {block.name: where[block.name].stop - where[block.name].start for block in layout} == expected
    edges = [where[block.name].start for block in layout] + [size]
    assert edges == [0, *(where[block.name].stop for block in layout)]


def test_metadrives_own_vector_comes_first() -> None:
    assert slices(blocks(120))["lidar"].stop == 161


def test_every_number_has_a_name_of_its_own_in_its_block() -> None:
    names = [(block.name, name) for block in blocks(240) for name in block.names]
    assert len(set(names)) == len(names) == 396


def test_digests_of_what_has_been_written_never_change() -> None:
    assert digest(blocks(120)[:6]) == "c461aac1a26117cdaf1b1f4f27301f099e3f3e6b7c66cfaa049acfe3b9511a97"
    assert digest(blocks(240)[:6]) == "79114e457d1497893a2e6f70ca3616ec1a73d4c59a655157dbcf82f87188c3db"
    assert digest(blocks(120)[:10]) == "52e77e6fa6a0b5f2f232660fc223519ffb8ee2c5f8d0c81618e0606b928e0532"
    assert digest(blocks(240)[:10]) == "ca61ed724cf5301823ce45daa43efa2b2441e41b35b74a87d6e19f61984966e7"
    assert digest(blocks(120)) == "d2bc21ed31bdc39c2ed15a68fd77e2be9187fa907882bd22b8cf422b8bd4d380"
    assert digest(blocks(240)) == "f421c450a5aa5379b6a5c392ec16f03c5393dc0b3ffdaf234b894fdfda5ed15a"


def test_a_digest_covers_all_that_is_said_of_a_block() -> None:
    changed = [
        replace(EGO, name="ego_2"),
        replace(EGO, names=EGO.names[::-1]),
        replace(EGO, meaning="something else"),
        replace(EGO, low=-1.0),
        replace(EGO, high=2.0),
    ]
    assert len({block.digest for block in [EGO, *changed]}) == 6


def test_the_order_of_blocks_is_part_of_the_layout() -> None:
    layout = blocks(120)
    assert digest(layout) != digest(layout[::-1])
