"""Records that look like WOMD, for the demo and the tests."""
