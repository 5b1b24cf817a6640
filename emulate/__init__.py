"""Approximate layers for PyTorch: kernels, quantisation, training and conversion."""

from mulsmith.emulate.backends import Backend, Problem, availability, register
from mulsmith.emulate.convert import (
    Conversion,
    approx_layers,
    calibrate,
    conversion,
    convert,
    deconvert,
    freeze,
    integer_state,
)
from mulsmith.emulate.geometry import ConvGeometry
from mulsmith.emulate.layers import (
    ApproxConv2d,
    ApproxConvTranspose2d,
    ApproxLayer,
    ApproxLinear,
    ApproxMatmul,
    ApproxWeighted,
    MatMul,
)
from mulsmith.emulate.ops import lut_conv2d, lut_conv_transpose2d, lut_matmul
from mulsmith.emulate.quantise import Quantisation, sign_magnitude
from mulsmith.emulate.reassign import reassign
from mulsmith.emulate.tables import Table

__all__ = [
    "ApproxConv2d",
    "ApproxConvTranspose2d",
    "ApproxLayer",
    "ApproxLinear",
    "ApproxMatmul",
    "ApproxWeighted",
    "Backend",
    "ConvGeometry",
    "Conversion",
    "MatMul",
    "Problem",
    "Quantisation",
    "Table",
    "approx_layers",
    "availability",
    "calibrate",
    "conversion",
    "convert",
    "deconvert",
    "freeze",
    "integer_state",
    "lut_conv2d",
    "lut_conv_transpose2d",
    "lut_matmul",
    "reassign",
    "register",
    "sign_magnitude",
]
