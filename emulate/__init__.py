"""Approximate layers for PyTorch: kernels, quantisation, training and conversion."""

from mulsmith.emulate.backends import Backend, Problem, availability, register
from mulsmith.emulate.geometry import ConvGeometry
from mulsmith.emulate.ops import lut_conv2d, lut_conv_transpose2d, lut_matmul
from mulsmith.emulate.tables import Table

__all__ = [
    "Backend",
    "ConvGeometry",
    "Problem",
    "Table",
    "availability",
    "lut_conv2d",
    "lut_conv_transpose2d",
    "lut_matmul",
    "register",
]
