"""An HTML table from texts, and how figures are written in it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def table(head: Iterable[str], rows: Iterable[Iterable[str]], numeric: frozenset[int] = frozenset()) -> str:
    """Return a table; columns of ``numeric`` are set to the right."""

    def cells(values: Iterable[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=n' if i in numeric else ''}>{escape(value)}</{tag}>"
            for i, value in enumerate(values)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    top = f"<thead><tr>{cells(head, 'th')}</tr></thead>"
    return f"<div class='wide'><table>{top}<tbody>{body}</tbody></table></div>"


def percent(share: float | None, digits: int = 2) -> str:
    """Return a share 0..1 as text in %; a dash for None."""
    return "-" if share is None else f"{100 * share:.{digits}f} %"


def energy(picojoule: float) -> str:
    """Return an energy with a unit that keeps it readable."""
    for unit, scale in (("mJ", 1e9), ("µJ", 1e6), ("nJ", 1e3)):
        if picojoule >= scale:
            return f"{picojoule / scale:.3g} {unit}"
    return f"{picojoule:.3g} pJ"
