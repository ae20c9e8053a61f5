"""One block of a transformer: tokens look at each other, then each is worked on alone."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

INNER = 4  # times the width, inside the block's MLP


class Block(nn.Module):
    """x += O(attention(LN x)); x += W2 act(W1 LN x), as GPT-2 has it (trajectory_gpt2.py of kzl)."""

    def __init__(self, width: int, heads: int, activation: Literal["relu", "gelu"], dropout: float) -> None:
        super().__init__()
        self.heads, self.attention_dropout = heads, dropout
        self.attention_norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.attended = nn.Linear(width, width)
        self.inner_norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, INNER * width)
        self.activation: nn.Module = nn.ReLU() if activation == "relu" else nn.GELU(approximate="tanh")
        self.outer = nn.Linear(INNER * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: torch.Tensor, seen: torch.Tensor, read: slice) -> torch.Tensor:
        """(B, N, width) tokens to (B, n, width), those of `read`; `seen` (B, 1, N, N) says which sees which."""
        normed = self.attention_norm(tokens)
        key, value = self.key_value(normed).chunk(2, dim=-1)
        looked = scaled_dot_product_attention(
            self._by_head(self.query(normed[:, read])),
            self._by_head(key),
            self._by_head(value),
            attn_mask=seen[:, :, read],
            dropout_p=self.attention_dropout if self.training else 0.0,
        )
        tokens = tokens[:, read] + self.dropout(self.attended(looked.transpose(1, 2).flatten(2)))
        inner = self.activation(self.inner(self.inner_norm(tokens)))
        grown: torch.Tensor = tokens + self.dropout(self.outer(inner))
        return grown

    def _by_head(self, tokens: torch.Tensor) -> torch.Tensor:
        """(B, n, width) to (B, heads, n, width / heads)."""
        return tokens.reshape(*tokens.shape[:-1], self.heads, -1).transpose(1, 2)
