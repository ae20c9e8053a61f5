"""Trajectories <-> zarr."""
