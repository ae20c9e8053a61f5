"""Made-up records that look like WOMD, for demonstrations and tests: nothing in them is Waymo's."""

from gold_data.synth.records import scenario_record, synthesize

__all__ = ["scenario_record", "synthesize"]
