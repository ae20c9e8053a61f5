"""Design decision 6 on made-up records: a tracker drives MetaDrive's car along them without contact and arrives."""

import pytest

from gold_data.scenarionet import describe
from gold_data.settings import ConvertSettings
from gold_data.synth import scenario_record
from gold_data.womd.reference import decode_with_protobuf

pytest.importorskip("metadrive", reason="the simulator is not installed")


@pytest.mark.parametrize("index", [3, 7, 12])
def test_a_made_up_record_can_be_driven(index: int) -> None:
    from gold_data.replay import DriveJob, Tracked, drive_job

    scenario = decode_with_protobuf(scenario_record(0, index))
    ego = str(scenario.tracks[scenario.sdc_track_index].id)
    driven = drive_job(DriveJob(describe(scenario, "synthetic"), ego, ConvertSettings()), lambda step: None)
    assert isinstance(driven, Tracked)
    assert driven.rollout.arrived
    assert not driven.rollout.costs.any()
    assert driven.rollout.displacement[-1] < 0.5
