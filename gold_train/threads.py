"""Who computes with how many threads."""

from __future__ import annotations

import numba
import torch


def keep_threads_of_torch() -> None:
    """Let torch's number of threads be what it was, whatever the batched engine does from here on.

    Numba sets OpenMP's number when it starts its threads, which is torch's too. It does so once: it is made to do it
    now, and the number is set back.
    """
    before = torch.get_num_threads()
    numba.get_num_threads()
    torch.set_num_threads(before)
