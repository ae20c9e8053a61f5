"""How fast it is, as ratios against named references that are measured in the same run: `make bench`."""
