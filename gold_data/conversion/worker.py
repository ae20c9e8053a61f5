"""What a worker process of ours does as it starts."""

from __future__ import annotations

import gc
import signal

import gold_data.conversion.unit  # noqa: F401  (before it is frozen)

# Ctrl-C reaches the workers too, and is the first process's to answer.
signal.signal(signal.SIGINT, signal.SIG_IGN)

# What was imported stays: the garbage collector need not look through it again and again while records are decoded,
# which would cost a third of the time.
gc.collect()
gc.freeze()
