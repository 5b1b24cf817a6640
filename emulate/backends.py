"""The registry of backends: ways to compute the same integer sums, and the choice of the cheapest one.

A backend gets raw operand codes (0 .. 2**bits - 1, in uint8 up to 8 bits and int16 above), contiguous and on
one device, already checked, with no more products in a sum than ``Table.max_terms``; it returns int32 sums
that equal those of ``reference`` bit for bit. To add one, write a module with a function that returns a
``Backend`` and name it in ``_PROVIDERS``, or call ``register``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

import torch

from mulsmith.emulate.geometry import ConvGeometry
from mulsmith.emulate.measured_costs import time_factor
from mulsmith.emulate.tables import Table
from mulsmith.errors import ConfigError, ToolError

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Problem:
    """One call as the choice of a backend sees it: Y [m, n] from k products each, ``groups`` times.

    Attributes:
        m, k, n: rows, products per sum, columns; of a convolution N*H'*W', C/groups*kh*kw, O/groups.
        groups: independent problems of that size (channel groups, batch of a batched matmul).
        conv: whether it is a convolution.
        table: the multiplier.
        device: where the operands are.
    """

    m: int
    k: int
    n: int
    groups: int
    conv: bool
    table: Table
    device: torch.device

    @property
    def lookups(self) -> int:
        """Number of products."""
        return self.m * self.k * self.n * self.groups


def _always(device: torch.device) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Backend:
    """One way to compute sums of table entries.

    Attributes:
        name: its name in the registry.
        matmul: (x [M, K], w [K, N], table) -> int32 [M, N].
        seconds: predicts the time of a problem, for ``auto``; infinity for what it cannot do.
        conv2d: (x [N, C, H, W], w [O, C/groups, kh, kw], table, geometry) -> int32 [N, O, H', W'];
            without it the convolution runs as ``matmul`` over patches.
        unavailable: says why it cannot run on a device; None when it can.
    """

    name: str
    matmul: Callable[[torch.Tensor, torch.Tensor, Table], torch.Tensor]
    seconds: Callable[[Problem], float]
    conv2d: Callable[[torch.Tensor, torch.Tensor, Table, ConvGeometry], torch.Tensor] | None = None
    unavailable: Callable[[torch.device], str | None] = _always


_PROVIDERS: dict[str, tuple[str, str]] = {
    "reference": ("mulsmith.emulate.reference", "backend"),
    "native": ("mulsmith.emulate.kernels_native", "backend"),
    "factor": ("mulsmith.emulate.kernels_factor", "backend"),
    "triton": ("mulsmith.emulate.kernels_triton", "backend"),
    "cuda": ("mulsmith.emulate.kernels_cuda", "backend"),
}
_LOADED: dict[str, Backend] = {}


def register(backend: Backend) -> None:
    """Add a backend.

    Raises:
        ConfigError: the name is taken.
    """
    if backend.name in _PROVIDERS or backend.name in _LOADED or backend.name == AUTO:
        raise ConfigError(f"a backend named '{backend.name}' is registered already")
    _LOADED[backend.name] = backend


def backend_names() -> list[str]:
    """Return the names of all backends, available or not."""
    return [*_PROVIDERS, *(name for name in _LOADED if name not in _PROVIDERS)]


def get_backend(name: str) -> Backend:
    """Return a backend by name, importing its module on first use.

    Raises:
        ConfigError: no backend of that name.
    """
    if name not in _LOADED:
        if name not in _PROVIDERS:
            known = ", ".join([AUTO, *backend_names()])
            raise ConfigError(f"no backend is named '{name}'", remedy=f"use one of {known}")
        module, function = _PROVIDERS[name]
        _LOADED[name] = getattr(importlib.import_module(module), function)()
    return _LOADED[name]


@cache
def installed(package: str) -> bool:
    """Whether a Python package can be imported; looked up once, for ``auto`` asks at every call."""
    return find_spec(package) is not None


def availability(device: torch.device | str = "cpu") -> dict[str, str | None]:
    """Return for every backend why it cannot run on a device, None where it can."""
    device = torch.device(device)
    return {name: get_backend(name).unavailable(device) for name in backend_names()}


def choose(name: str, problem: Problem) -> Backend:
    """Return the named backend, or for ``auto`` the one that predicts the least time for a problem.

    Raises:
        ConfigError: no backend of that name.
        ToolError: the named backend cannot run on the device, with the reason.
    """
    if name != AUTO:
        backend = get_backend(name)
        reason = backend.unavailable(problem.device)
        if reason is not None:
            raise ToolError(f"backend '{name}' is not available on {problem.device}: {reason}")
        return backend
    candidates = [get_backend(known) for known in backend_names()]
    usable = [backend for backend in candidates if backend.unavailable(problem.device) is None]
    return min(usable, key=lambda backend: predicted_seconds(backend, problem))


def predicted_seconds(backend: Backend, problem: Problem) -> float:
    """Return the time that a backend predicts for a problem, times what was measured over predicted."""
    return backend.seconds(problem) * time_factor(backend.name, problem.device)
