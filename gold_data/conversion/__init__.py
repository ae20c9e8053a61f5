"""The job: plan, units, Dask, manifest. Where MetaDrive cannot run, importing it raises MachineError, which says why."""

from gold_data.replay.machine import check_machine

check_machine()
