"""Compiled scenes beside MetaDrive on real records: every ray and flag of log replays, at MetaDrive's own poses."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from replay_drives import descriptions
from sensed_scenes import Sensed, by_kernels, by_metadrive

from gold_data.replay import Flag
from gold_data.replay.batched.compiled import CompiledScene, compile_scene
from gold_data.scenarionet import Description

WOMD = Path(os.environ.get("GOLD_WOMD", Path(__file__).parents[3] / "shared" / "womd"))

pytestmark = pytest.mark.skipif(not WOMD.is_dir(), reason=f"no real records at {WOMD}")

EVERY = 11
"""Of the records in WOMD's order each so manieth: 12 of all kinds."""
TOUCHING = ("97cd7b5e66ecefdf", "bc168b6ded573965")
"""Records in which a person is touched, or a line that the ego hardly reaches."""


@dataclass(frozen=True)
class Replayed:
    """One record in MetaDrive and compiled."""

    name: str
    compiled: CompiledScene
    theirs: Sensed
    ours: Sensed


def _chosen() -> Iterator[Description]:
    for number, description in enumerate(descriptions(WOMD)):
        if number % EVERY == 0 or description["id"] in TOUCHING:
            yield description


@pytest.fixture(scope="module")
def replayed() -> list[Replayed]:
    found = []
    for description in _chosen():
        scene, path, theirs = by_metadrive(description, description["metadata"]["sdc_id"])
        found.append(Replayed(scene.scenario_id, compile_scene(scene), theirs, by_kernels(scene, path)))
    return found


def _share(wrong: list[NDArray[np.float64]], above: float) -> float:
    return float(np.mean(np.concatenate([values.ravel() for values in wrong]) > above))


@pytest.mark.parametrize("block", ["side", "lidar"])
def test_rays_are_metadrives(replayed: list[Replayed], block: str) -> None:
    wrong = [np.abs(getattr(r.theirs, block) - getattr(r.ours, block)) for r in replayed]
    hits = np.concatenate([getattr(r.theirs, block).ravel() for r in replayed]) < 1
    print(f"{block}: {hits.size} rays, {hits.mean():.0%} hit, off by more than 1e-3 {_share(wrong, 1e-3):.3%},")
    print(f"more than 1e-2 {_share(wrong, 1e-2):.3%}")
    assert hits.mean() > 0.2
    assert _share(wrong, 1e-3) < 0.005
    assert _share(wrong, 1e-2) < 0.0015
    assert max(_share([values], 1e-2) for values in wrong) < 0.01


def test_flags_are_metadrives(replayed: list[Replayed]) -> None:
    """Frame by frame; a body that has been pushed stands elsewhere, so that contacts count to the end of the first."""
    lines: Counter[tuple[bool, bool]] = Counter()
    contacts: Counter[tuple[bool, bool]] = Counter()
    for record in replayed:
        theirs, ours = record.theirs.flags, record.ours.flags
        touched = np.flatnonzero(theirs & int(Flag.contact()))
        until = touched[0] + 1 if len(touched) else len(theirs)
        lines.update(zip((theirs & Flag.SOLID_LINE) > 0, (ours & Flag.SOLID_LINE) > 0, strict=True))
        contacts.update(zip((theirs[:until] & ~8) > 0, (ours[:until] & ~8) > 0, strict=True))
        np.testing.assert_array_equal(theirs[:until] & ~8, ours[:until] & ~8, err_msg=record.name)
    print("lines (theirs, ours)", dict(lines), "contacts until the first", dict(contacts))
    assert contacts[True, True] >= 1
    assert contacts[True, False] + contacts[False, True] == 0
    assert lines[True, True] > 20
    assert lines[True, False] + lines[False, True] <= max(sum(lines.values()) // 1000, 1)


def test_scenes_are_small(replayed: list[Replayed]) -> None:
    sizes = [record.compiled.size for record in replayed]
    print(f"{np.mean(sizes) / 1e3:.0f} kB a scene on average, {max(sizes) / 1e3:.0f} at most")
    assert np.mean(sizes) < 400e3
