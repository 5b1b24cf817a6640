"""The oracle: sums of table entries gathered one by one, in plain torch, with bounded memory."""

from __future__ import annotations

import torch

from mulsmith.emulate.backends import Backend, Problem
from mulsmith.emulate.tables import Table

CHUNK_ELEMENTS = 1 << 20


def matmul(x: torch.Tensor, w: torch.Tensor, table: Table) -> torch.Tensor:
    """Return Y[m, n] = sum_k table[x[m, k], w[k, n]].

    Args:
        x: raw codes of operand A, [M, K].
        w: raw codes of operand B, [K, N].
        table: the multiplier; the caller ensures K <= ``table.max_terms``.

    Returns:
        int32 [M, N].
    """
    entries = table.on(x.device).flatten()
    (rows, depth), columns = x.shape, w.shape[1]
    out = torch.zeros(rows, columns, dtype=torch.int32, device=x.device)
    step_k = max(1, min(depth, CHUNK_ELEMENTS // max(columns, 1)))
    step_m = max(1, CHUNK_ELEMENTS // max(step_k * columns, 1))
    for k in range(0, depth, step_k):
        second = w[k : k + step_k].to(torch.int64)
        for m in range(0, rows, step_m):
            first = x[m : m + step_m, k : k + step_k].to(torch.int64) << table.lut.b_bits
            index = first[:, :, None] + second[None, :, :]
            out[m : m + step_m] += entries[index].sum(dim=1, dtype=torch.int32)
    return out


def backend() -> Backend:
    """Return the reference as a backend; it is always available."""
    return Backend(name="reference", matmul=matmul, seconds=_seconds)


def _seconds(problem: Problem) -> float:
    lookups_per_s = 2e8 if problem.device.type == "cpu" else 2e10
    return 1e-4 + problem.lookups / lookups_per_s
