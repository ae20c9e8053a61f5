"""WOMD TFRecords: bytes -> Scenario message."""
