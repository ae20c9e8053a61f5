"""From WOMD records to return-to-go trajectories, and how to read them."""
