"""A student that begins as a clone (algorithms 2.6-c)."""

from __future__ import annotations

import torch
from torch import nn

from gold_data.errors import SettingsError
from gold_train.policies.policy import Policy
from gold_train.policies.student import Student

LOG_STD = -1.0
"""Of a student that begins as a clone: it need not look far."""


@torch.no_grad()
def warm_start(student: Policy, clone: Policy) -> None:
    """Give a student the clone's weights and scaling; its actions spread alike in every state at first.

    Raises SettingsError where the clone is another network, or reads other blocks.
    """
    own, other = student.network, clone.network
    assert isinstance(own, Student)
    if not isinstance(other, Student) or [block.digest for block in student.blocks] != [
        block.digest for block in clone.blocks
    ]:
        raise SettingsError(
            "the policy to begin with is no student that reads the same blocks; name one that `gold-train bc` trained"
        )
    sizes = [[tuple(each.shape) for each in network.hidden.parameters()] for network in (own, other)]
    if sizes[0] != sizes[1]:
        raise SettingsError(
            "the policy to begin with has hidden layers of other widths; give its own as --set model.hidden"
        )
    own.hidden.load_state_dict(other.hidden.state_dict())
    own.mean.load_state_dict(other.mean.state_dict())
    own.normaliser.load_state_dict(other.normaliser.state_dict())
    if isinstance(own.log_std, nn.Linear):
        own.log_std.weight.zero_()
        own.log_std.bias.fill_(LOG_STD)
    else:
        own.log_std.fill_(LOG_STD)
