"""The job: plan, units, Dask, manifest. Where MetaDrive cannot run, importing this room says why (MachineError)."""

from gold_data.replay.machine import check_machine

check_machine()
