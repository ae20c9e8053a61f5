"""Where tensors live."""

from __future__ import annotations

import torch

from gold_data.errors import SettingsError


def device_of(name: str) -> torch.device:
    """The device of this name; `auto` is CUDA where there is one, else the CPU.

    Raises SettingsError for a device that this machine, or this torch, does not have.
    """
    cuda = torch.cuda.is_available()
    if name == "auto":
        return torch.device("cuda" if cuda else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise SettingsError(f"training.device={name}: there is no such device; choose cpu, cuda or auto") from error
    if device.type == "cuda" and (not cuda or (device.index or 0) >= torch.cuda.device_count()):
        raise SettingsError(f"training.device={name}: torch sees no such device here; choose cpu or auto")
    return device
