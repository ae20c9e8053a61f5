"""Scenario message -> ScenarioNet description, and its database on disk."""

from gold_data.scenarionet.cut import cut_frames
from gold_data.scenarionet.database import load, write_summary, write_unit
from gold_data.scenarionet.description import Description, DescriptionError, describe, file_name

__all__ = [
    "Description",
    "DescriptionError",
    "cut_frames",
    "describe",
    "file_name",
    "load",
    "write_summary",
    "write_unit",
]
