"""The job: plan, units, Dask, manifest."""
