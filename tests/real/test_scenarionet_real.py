"""Real records: equality with ScenarioNet's own converter, and a database that MetaDrive opens as it is."""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gold_data.scenarionet import describe, load, write_summary, write_unit
from gold_data.womd import Frame, Scenario, decode, scan

SHARED = Path(__file__).parents[3] / "shared"
WOMD = Path(os.environ.get("GOLD_WOMD", SHARED / "womd"))
REFERENCE = WOMD.parent / "womd_scenarionet_reference"
PUBLISHED = WOMD.parent / "womd_scenarionet"

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="no WOMD records: set GOLD_WOMD")


def _scenarios() -> Iterator[tuple[str, Scenario]]:
    for path in sorted(WOMD.glob("*/*tfrecord*")):
        data = path.read_bytes()
        for frame in scan(data):
            assert isinstance(frame, Frame)
            yield str(path.relative_to(WOMD)), decode(frame.data(data))


def _encode(value: Any, out: list[bytes]) -> None:
    """The canonical bytes that the reference's digests are of: types, shapes, values; sets sorted."""
    if isinstance(value, np.ndarray):
        out += [f"array {value.dtype.str} {value.shape} ".encode(), np.ascontiguousarray(value).tobytes()]
    elif isinstance(value, dict):
        out.append(f"dict {len(value)} ".encode())
        for key in sorted(value, key=repr):
            out.append(repr(key).encode() + b"=")
            _encode(value[key], out)
    elif isinstance(value, set):
        out.append(f"set {sorted(map(repr, value))} ".encode())
    elif isinstance(value, (list, tuple)):
        out.append(f"{type(value).__name__} {len(value)} ".encode())
        for item in value:
            _encode(item, out)
    else:
        out.append(f"{type(value).__name__} {value!r} ".encode())


def _digest(value: Any) -> str:
    out: list[bytes] = []
    _encode(value, out)
    return hashlib.sha256(b"".join(out)).hexdigest()[:24]


def _digests(description: dict[str, Any]) -> dict[str, str]:
    rows = {name: _digest(description[name]) for name in ("id", "version", "length")}
    for name in ("tracks", "dynamic_map_states", "map_features", "metadata"):
        rows |= {f"{name}/{key}": _digest(value) for key, value in description[name].items()}
    del rows["metadata/source_file"]
    return rows


def test_every_part_of_every_record_equals_scenarionet() -> None:
    reference = json.loads((REFERENCE / "digests.json").read_bytes())
    met = set()
    for source, scenario in _scenarios():
        met.add(scenario.scenario_id)
        digests = _digests(describe(scenario, source))
        expected = reference[scenario.scenario_id]["parts"]
        assert {key for key in digests | expected if digests.get(key) != expected.get(key)} == set(), source
    assert met == set(reference)
    assert len(met) == 129


def _shape(value: Any) -> Any:
    """Types and the order of keys, down to the leaves."""
    if isinstance(value, dict):
        return type(value), [(key, _shape(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [_shape(item) for item in value]
    return type(value)


def test_keys_stand_in_scenarionets_order() -> None:
    scenarios = {scenario.scenario_id: (source, scenario) for source, scenario in _scenarios()}
    paths = sorted((REFERENCE / "full").glob("*.pkl.xz"))
    assert len(paths) == 30
    for path in paths:
        with lzma.open(path) as file:
            reference = pickle.load(file)  # our own reference, which holds no classes but numpy's
        source, scenario = scenarios[reference["id"]]
        assert _shape(describe(scenario, source)) == _shape(reference), path.name


def test_published_databases_can_be_loaded() -> None:
    paths = [path for path in sorted(PUBLISHED.glob("*/*.pkl")) if path.name != "dataset_summary.pkl"]
    assert len(paths) == 45
    for path in paths:
        assert load(path)["length"] > 0


def test_metadrive_replays_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadrive = pytest.importorskip("metadrive.envs.scenario_env")
    engine = pytest.importorskip("metadrive.engine.base_engine").BaseEngine
    policy = pytest.importorskip("metadrive.policy.replay_policy").ReplayEgoCarPolicy
    description_class = pytest.importorskip("metadrive.scenario").ScenarioDescription
    monkeypatch.setattr(engine, "try_pull_asset", staticmethod(lambda: None))  # no screen, so nothing to download for

    descriptions = [describe(scenario, source) for (source, scenario), _ in zip(_scenarios(), range(3), strict=False)]
    for description in descriptions:
        description_class.sanity_check(description, check_self_type=True)
    write_unit(tmp_path / "unit-00001", descriptions[:1])
    write_unit(tmp_path / "unit-00000", descriptions[1:])
    assert write_summary(tmp_path) == 3

    environment = metadrive.ScenarioEnv(
        {"data_directory": str(tmp_path), "num_scenarios": 3, "agent_policy": policy, "log_level": 50}
    )
    try:
        seen = set()
        for index in range(3):
            environment.reset(seed=index)
            current = environment.engine.data_manager.current_scenario
            seen.add(current["id"])
            track = current["tracks"][current["metadata"]["sdc_id"]]["state"]["position"]
            for step in range(1, 21):
                environment.step([0.0, 0.0])
                assert np.allclose(environment.agent.position, track[step, :2], atol=1e-3)
        assert seen == {description["id"] for description in descriptions}
    finally:
        environment.close()
