"""The guide: a transformer over the last K steps that is asked for a return (algorithms 2.2).

Follows the model of kzl/decision-transformer (gym/decision_transformer/models) without its heads for states and returns
and without its word table.
"""

from __future__ import annotations

import torch
from torch import nn

from gold_train.policies.block import Block
from gold_train.policies.normaliser import Normaliser
from gold_train.settings import TransformerSettings

WEIGHT_STD = 0.02  # GPT-2's
TOKENS = 3  # of a step: return-to-go, state, action
STATES = slice(1, None, TOKENS)


class DecisionTransformer(nn.Module):
    """Tokens R0 s0 a0 R1 s1 a1 ..., each with its step's vector of time added; the action is read where the state is.

    `scale` divides returns-to-go.
    """

    causal: torch.Tensor

    def __init__(
        self,
        settings: TransformerSettings,
        normaliser: Normaliser,
        observation_size: int,
        action_size: int,
        scale: float,
    ) -> None:
        super().__init__()
        width, length = settings.width, TOKENS * settings.context
        self.context, self.last_timestep, self.scale = settings.context, settings.timesteps - 1, scale
        self.normaliser = normaliser
        self.time = nn.Embedding(settings.timesteps, width)
        self.return_to_go = nn.Linear(1, width)
        self.state = nn.Linear(observation_size, width)
        self.action = nn.Linear(action_size, width)
        self.first_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(settings.dropout)
        self.blocks = nn.ModuleList(
            Block(width, settings.heads, settings.activation, settings.dropout) for _ in range(settings.layers)
        )
        self.last_norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, action_size)
        self.squash: nn.Module = nn.Tanh() if settings.tanh else nn.Identity()
        self.register_buffer("causal", torch.ones(length, length, dtype=torch.bool).tril(), persistent=False)
        self.apply(_first_weights)

    def forward(
        self,
        observations: torch.Tensor,
        actions: torch.Tensor,
        returns_to_go: torch.Tensor,
        timesteps: torch.Tensor,
        mask: torch.Tensor,
    ) -> torch.Tensor:
        """(B, K, A) actions, each from the steps up to its own, whose own action it does not see.

        Takes raw observations (B, K, D), executed actions (B, K, A), raw returns-to-go (B, K), timesteps (B, K) int64
        and mask (B, K) bool; K is at most the context. What stands where `mask` is False is not seen.
        """
        read = self.features(observations, actions, returns_to_go, timesteps, mask, STATES)
        chosen: torch.Tensor = self.squash(self.head(read))
        return chosen

    def features(
        self,
        observations: torch.Tensor,
        actions: torch.Tensor,
        returns_to_go: torch.Tensor,
        timesteps: torch.Tensor,
        mask: torch.Tensor,
        read: slice,
    ) -> torch.Tensor:
        """(B, n, width) what comes out at the tokens of `read`, of the 3 K that there are; arguments as in forward."""
        time = self.time(timesteps.clamp(max=self.last_timestep))
        tokens = torch.stack(
            (
                self.return_to_go((returns_to_go / self.scale).unsqueeze(-1)) + time,
                self.state(self.normaliser(observations)) + time,
                self.action(actions) + time,
            ),
            dim=2,
        ).flatten(1, 2)
        tokens = self.dropout(self.first_norm(tokens))
        seen = self._seen(mask)
        every = slice(None)
        for number, block in enumerate(self.blocks, start=1):
            # Nobody asks the last block for more than is read: there, two thirds of the work would be for nothing.
            tokens = block(tokens, seen, read if number == len(self.blocks) else every)
        features: torch.Tensor = self.last_norm(tokens)
        return features

    def _seen(self, mask: torch.Tensor) -> torch.Tensor:
        """(B, 1, 3 K, 3 K) bool: which token (third axis) sees which (last axis).

        A token of the padding sees itself: seeing nothing, it would be no number, and so would be its gradient.
        """
        length = TOKENS * mask.shape[1]
        valid = mask.repeat_interleave(TOKENS, dim=1)
        itself = torch.eye(length, dtype=torch.bool, device=mask.device)
        return (self.causal[:length, :length] & valid[:, None, :] | itself).unsqueeze(1)


def _first_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=WEIGHT_STD)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)
