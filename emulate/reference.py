"""The oracle: sums of table entries in plain torch, one row of products per input code."""

from __future__ import annotations

import torch

from mulsmith.emulate.backends import Backend, Problem
from mulsmith.emulate.tables import Table


def matmul(x: torch.Tensor, w: torch.Tensor, table: Table) -> torch.Tensor:
    """Return Y[m, n] = sum_k table[x[m, k], w[k, n]].

    Args:
        x: raw codes of operand A, [M, K].
        w: raw codes of operand B, [K, N].
        table: the multiplier; the caller ensures K <= ``table.max_terms``.

    Returns:
        int32 [M, N].
    """
    entries = table.on(x.device)
    out = torch.zeros(x.shape[0], w.shape[1], dtype=torch.int32, device=x.device)
    first, second = x.t().to(torch.int64).contiguous(), w.to(torch.int64)
    for k in range(x.shape[1]):
        products = entries.index_select(1, second[k])
        out += products.index_select(0, first[k])
    return out


def backend() -> Backend:
    """Return the reference as a backend; it is always available."""
    return Backend(name="reference", matmul=matmul, seconds=_seconds)


def _seconds(problem: Problem) -> float:
    lookups_per_s = 1e9 if problem.device.type == "cpu" else 2e10
    return 2e-5 * problem.k * problem.groups + problem.lookups / lookups_per_s
