"""Costs that ``mulsmith doctor --measure`` took: a JSON file in the cache folder, keyed by processor or GPU.

Of every device it holds ``kernels`` (constants of the compiled kernels) and ``backends`` (backend -> measured
over predicted time).
"""

from __future__ import annotations

import json
import logging
import platform
from functools import cache
from pathlib import Path
from typing import Any

import torch

from mulsmith.characterize.cache import cache_folder
from mulsmith.storage import atomic_write

_log = logging.getLogger("mulsmith")


def costs_file() -> Path:
    """Return where measured costs are kept."""
    return cache_folder() / "kernel_costs.json"


@cache
def device_name(device: torch.device) -> str:
    """Return the model of a device: of a CPU with family and model number where the system tells them."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    listing = Path("/proc/cpuinfo")
    if not listing.is_file():
        return platform.processor() or platform.machine()
    lines = (line.partition(":") for line in listing.read_text(encoding="utf-8").splitlines())
    facts = {key.strip(): value.strip() for key, _, value in lines}
    name = facts.get("model name", platform.machine())
    return f"{name} (family {facts.get('cpu family', '?')}, model {facts.get('model', '?')})"


def measured(device: torch.device, part: str) -> dict[str, Any]:
    """Return ``kernels`` or ``backends`` as measured on a device, empty where nothing was."""
    found = _document().get(device_name(device), {}).get(part, {})
    return found if isinstance(found, dict) else {}


def keep(device: torch.device, part: str, costs: dict[str, Any]) -> None:
    """Keep ``kernels`` or ``backends`` of a device beside those of others.

    Raises:
        StoreError: the cache folder cannot be written.
    """
    _document.cache_clear()
    document = _document()
    entry = document.setdefault(device_name(device), {})
    entry[part] = costs
    atomic_write(costs_file(), json.dumps(document, indent=2).encode())
    forget()


def forget() -> None:
    """Read the file anew at the next question."""
    _document.cache_clear()
    time_factor.cache_clear()


@cache
def time_factor(backend: str, device: torch.device) -> float:
    """Return a backend's measured over its predicted time on a device, 1 where it was not measured."""
    value = measured(device, "backends").get(backend, 1.0)
    return float(value) if isinstance(value, int | float) and value > 0 else 1.0


@cache
def _document() -> dict[str, dict[str, Any]]:
    path = costs_file()
    if not path.is_file():
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        document = None
    if isinstance(document, dict) and all(isinstance(entry, dict) for entry in document.values()):
        return document
    _log.warning("%s is damaged and not used; 'mulsmith doctor --measure' makes it anew", path)
    return {}
