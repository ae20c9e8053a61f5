"""Devices by name."""

from __future__ import annotations

import pytest
import torch

from gold_data.errors import SettingsError
from gold_train.runs.device import device_of


def test_auto_takes_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device_of("auto") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert device_of("auto") == torch.device("cuda")
    assert device_of("cuda:0") == torch.device("cuda:0")
    with pytest.raises(SettingsError, match=r"training.device=cuda:1: torch sees no such device"):
        device_of("cuda:1")


def test_what_there_is_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SettingsError, match=r"training.device=cuda: torch sees no such device"):
        device_of("cuda")
    with pytest.raises(SettingsError, match=r"training.device=toaster: there is no such device"):
        device_of("toaster")
