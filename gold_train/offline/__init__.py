"""Training on recorded drives."""
