"""What a worker process of ours does as it starts."""

from __future__ import annotations

import logging
import signal

import gold_data.conversion.unit  # noqa: F401  (before the collector is told to leave alone what there is)
from gold_data.conversion.collector import settle_collector

# Ctrl-C reaches the workers too, and is the first process's to answer.
signal.signal(signal.SIGINT, signal.SIG_IGN)

# What goes wrong in a task comes back with it. All that Dask's worker has to say beyond that is that a scheduler which
# ended first no longer hears its heartbeat.
logging.getLogger("distributed.worker").setLevel(logging.CRITICAL)

settle_collector()
