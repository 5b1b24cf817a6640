"""mulsmith: co-design of neural networks and approximate multipliers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mulsmith.characterize.library import Library

__version__ = "0.1.0"
__all__ = ["Library", "__version__"]


def __getattr__(name: str) -> object:
    """Import ``Library`` when it is first asked for, so that the command line starts without numpy."""
    if name == "Library":
        from mulsmith.characterize.library import Library

        return Library
    raise AttributeError(f"module 'mulsmith' has no attribute {name!r}")
