"""Networks with torchvision's layer names and shapes, so that its weight files load, by name."""

from __future__ import annotations

from mulsmith.emulate.zoo.registry import build, image_shape, network_names
from mulsmith.emulate.zoo.vit import SelfAttention

__all__ = ["SelfAttention", "build", "image_shape", "network_names"]
