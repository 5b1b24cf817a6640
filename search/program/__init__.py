"""Programs as networks: a hot region is replaced by a small MLP, chosen for quality, time and energy."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mulsmith.search.program.c_code import c_header
    from mulsmith.search.program.c_library import c_function
    from mulsmith.search.program.run import ProgramResult
    from mulsmith.search.program.selection import Selector
    from mulsmith.search.program.training import TrainingPlan
    from mulsmith.search.program.user_function import approximate

_HOME = {
    "ProgramResult": "run",
    "Selector": "selection",
    "TrainingPlan": "training",
    "approximate": "user_function",
    "c_function": "c_library",
    "c_header": "c_code",
}
__all__ = ["ProgramResult", "Selector", "TrainingPlan", "approximate", "c_function", "c_header"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name in _HOME:
        return getattr(importlib.import_module(f"mulsmith.search.program.{_HOME[name]}"), name)
    raise AttributeError(f"module 'mulsmith.search.program' has no attribute {name!r}")
