"""For eyes: tables and pictures."""
