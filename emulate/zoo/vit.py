"""Vision transformers (Dosovitskiy et al. 2021) with torchvision's names and attention that converts."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import nn

from mulsmith.emulate.layers import MatMul

_NAMES = (("in_proj.weight", "in_proj_weight"), ("in_proj.bias", "in_proj_bias"))


class SelfAttention(nn.Module):
    """Self-attention whose every product is a module; states look like ``nn.MultiheadAttention``'s.

    Args:
        width: of the tokens.
        heads: number of heads.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj = nn.Linear(width, 3 * width)
        self.scores = MatMul()
        self.context = MatMul()
        self.out_proj = nn.Linear(width, width)
        # PyTorch leaves both registrations untyped.
        self.register_load_state_dict_pre_hook(_from_torchvision)  # type: ignore[no-untyped-call]
        self.register_state_dict_post_hook(_to_torchvision)  # type: ignore[no-untyped-call]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the attended tokens [N, T, width]."""
        n, tokens, width = x.shape
        q, k, v = self.in_proj(x).reshape(n, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = (self.scores(q, k.mT) * q.shape[-1] ** -0.5).softmax(-1)
        out: torch.Tensor = self.out_proj(self.context(weights, v).transpose(1, 2).reshape(n, tokens, width))
        return out


class EncoderBlock(nn.Module):
    """Attention and perceptron, each behind a layer norm and beside a shortcut."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, eps=1e-6)
        self.self_attention = SelfAttention(width, heads)
        self.ln_2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(
            nn.Linear(width, hidden), nn.GELU(), nn.Dropout(0.0), nn.Linear(hidden, width), nn.Dropout(0.0)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the tokens after the block."""
        x = x + self.self_attention(self.ln_1(x))
        out: torch.Tensor = x + self.mlp(self.ln_2(x))
        return out


class Encoder(nn.Module):
    """Position embedding, blocks and the last layer norm."""

    def __init__(self, tokens: int, depth: int, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, tokens, width).normal_(std=0.02))
        blocks = [(f"encoder_layer_{i}", EncoderBlock(width, heads, hidden)) for i in range(depth)]
        self.layers = nn.Sequential(OrderedDict(blocks))
        self.ln = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the encoded tokens."""
        out: torch.Tensor = self.ln(self.layers(x + self.pos_embedding))
        return out


class VisionTransformer(nn.Module):
    """Vision transformer with a class token.

    Args:
        image: height and width of the images.
        patch: height and width of a patch.
        depth, width, heads, hidden: of the encoder.
        classes: number of outputs.
        channels: of the images.
    """

    def __init__(
        self,
        image: int,
        patch: int,
        depth: int,
        width: int,
        heads: int,
        hidden: int,
        classes: int = 1000,
        channels: int = 3,
    ) -> None:
        super().__init__()
        self.conv_proj = nn.Conv2d(channels, width, patch, patch)
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.encoder = Encoder((image // patch) ** 2 + 1, depth, width, heads, hidden)
        self.heads = nn.Sequential(OrderedDict(head=nn.Linear(width, classes)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        tokens = self.conv_proj(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.class_token.expand(len(x), -1, -1), tokens], dim=1)
        logits: torch.Tensor = self.heads(self.encoder(tokens)[:, 0])
        return logits


def _rename(state: dict[str, Any], prefix: str, old: str, new: str) -> None:
    if prefix + old in state:
        state[prefix + new] = state.pop(prefix + old)


def _from_torchvision(module: nn.Module, state: dict[str, Any], prefix: str, *_: Any) -> None:
    for ours, theirs in _NAMES:
        _rename(state, prefix, theirs, ours)


def _to_torchvision(module: nn.Module, state: dict[str, Any], prefix: str, local_metadata: Any) -> None:
    for ours, theirs in _NAMES:
        _rename(state, prefix, ours, theirs)
