"""Scenario message -> ScenarioNet description, and its database on disk."""
