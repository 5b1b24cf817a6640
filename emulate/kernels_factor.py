"""Backend ``factor``: a layer as one int8 or float32 product per plane of the table's factorisation.

It needs no compiler: matrix products run as ``torch._int_mm`` where the processor has int8 dot products, all
else as float32, in parts whose sums stay below 2**24 and therefore exact. Sums of planes wrap modulo 2**32.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from mulsmith.emulate import factor_convolution
from mulsmith.emulate.backends import Backend, Problem, installed
from mulsmith.emulate.factor_convolution import FLOAT_EXACT
from mulsmith.emulate.factor_store import factors_of, known_factors, plane_bound, takes_minutes
from mulsmith.emulate.factorise import Factors
from mulsmith.emulate.geometry import ConvGeometry, conv2d_as_matmul
from mulsmith.emulate.tables import Table
from mulsmith.errors import EmulationError

MAX_TABLE_BITS = 16


def matmul(x: torch.Tensor, w: torch.Tensor, table: Table) -> torch.Tensor:
    """Return Y[m, n] = sum_k table[x[m, k], w[k, n]].

    Args:
        x: raw codes of operand A, [M, K].
        w: raw codes of operand B, [K, N].
        table: the multiplier.

    Returns:
        int32 [M, N].
    """
    factors = _factors(table)
    rows, columns = x.long(), w.long()
    out = _digits(factors.a_term, rows).sum(1, dtype=torch.int32)[:, None]
    out = out + _digits(factors.b_term, columns).sum(0, dtype=torch.int32)[None, :]
    product = _int8_product if _has_int8_products(x.device) else _float_product
    for scale, u, v in zip(factors.scales.tolist(), factors.a_digits, factors.b_digits, strict=True):
        out += product(_digits(u, rows), _digits(v, columns)) * scale
    return out


def conv2d(x: torch.Tensor, w: torch.Tensor, table: Table, geometry: ConvGeometry) -> torch.Tensor:
    """Convolve raw codes x [N, C, H, W] with w [O, C/groups, kh, kw]; return int32 [N, O, H', W']."""
    if x.device.type != "cpu":
        return conv2d_as_matmul(lambda a, b: matmul(a, b, table), x, w, geometry)
    if "factor_groups" not in table.derived:
        table.derived["factor_groups"] = factor_convolution.grouped(_factors(table))
    return factor_convolution.conv2d(x, w, table.derived["factor_groups"], geometry)


def _digits(entries: npt.NDArray[np.generic], codes: torch.Tensor) -> torch.Tensor:
    """Look int64 codes up in a vector."""
    values = torch.as_tensor(entries, device=codes.device)
    return values.index_select(0, codes.flatten()).view(codes.shape)


def _int8_product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return the int32 product of int8 matrices; CUDA wants more than 16 rows and multiples of 8."""
    (m, k), n = left.shape, right.shape[1]
    if left.device.type == "cuda":
        left = functional.pad(left, (0, -k % 8, 0, max(0, 17 - m)))
        right = functional.pad(right, (0, -n % 8, 0, -k % 8))
    out: torch.Tensor = torch._int_mm(left, right)
    return out[:m, :n]


def _float_product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return the int32 product of int8 matrices by float32 products of at most 2**24."""
    step = FLOAT_EXACT >> 14
    out = torch.zeros(left.shape[0], right.shape[1], dtype=torch.int32, device=left.device)
    for k in range(0, left.shape[1], step):
        out += (left[:, k : k + step].float() @ right[k : k + step].float()).to(torch.int32)
    return out


def _has_int8_products(device: torch.device) -> bool:
    """Say whether ``torch._int_mm`` exists and is fast."""
    if not hasattr(torch, "_int_mm"):
        return False
    return device.type == "cuda" or bool(getattr(torch.cpu, "_is_vnni_supported", lambda: False)())


def _factors(table: Table) -> Factors:
    if table.lut.a_bits + table.lut.b_bits > MAX_TABLE_BITS:
        raise EmulationError(
            f"backend 'factor' takes tables of up to 2**{MAX_TABLE_BITS} entries",
            remedy="use backend 'reference'",
        )
    return factors_of(table)


def _seconds(problem: Problem) -> float:
    """Predict from measured rates: products per plane, look-ups of digits per operand code.

    A table of high rank that was not factorised yet is left to the other backends: that takes minutes.
    """
    table = problem.table
    if table.lut.a_bits + table.lut.b_bits > MAX_TABLE_BITS:
        return float("inf")
    known = known_factors(table)
    if known is None and (not installed("flint") or takes_minutes(table)):
        return float("inf")
    planes = known.planes if known is not None else 1.3 * plane_bound(table)
    per_s = 3e13 if problem.device.type == "cuda" else 8e10
    codes = problem.groups * (problem.m * problem.k + problem.k * problem.n)
    return 1e-4 * (1 + planes) + planes * (problem.lookups / per_s + codes * 1e-9)


def backend() -> Backend:
    """Return the backend for the registry."""
    return Backend("factor", matmul, _seconds, conv2d, _unavailable)


def _unavailable(device: torch.device) -> str | None:
    return None if device.type in ("cpu", "cuda") else f"it runs on cpu and cuda, not on {device.type}"
