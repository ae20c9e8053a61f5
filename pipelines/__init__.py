"""Batch jobs that string the commands together: a recipe says what is made of what, in stages; see smoke.toml."""
