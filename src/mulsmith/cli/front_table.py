"""What every search prints at its end: the table of its front, what is to be said of it, the run folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any


def print_front(
    result: dict[str, Any],
    columns: Sequence[str],
    cells: Callable[[dict[str, Any]], Iterable[str]],
    notes: Iterable[str],
    files: str,
    caption: str | None = None,
) -> None:
    """Print the front of a result.

    Args:
        result: of a search.
        columns: their heads.
        cells: member of the front -> a cell per column.
        notes: lines below the table.
        files: what to look at in the run folder.
        caption: of the table.
    """
    from rich.console import Console
    from rich.table import Table

    title = f"{result['method']}: {result['evaluations']} evaluations, validation split"
    table = Table(*columns, title=title, caption=caption)
    for member in result["front"]:
        table.add_row(*cells(member))
    console = Console()
    console.print(table)
    for note in notes:
        console.print(note, highlight=False, soft_wrap=True)
    console.print(f"run: {result['run']} ({files})", soft_wrap=True)


def percent(share: float) -> str:
    """Return a share, 0..1, in percent."""
    return f"{100 * share:.2f} %"
