"""Which classes the approximation costs or helps: recall before and after, and the answers that moved."""

from __future__ import annotations

from collections.abc import Sequence

from mulsmith.report.table import percent, table

Counts = Sequence[Sequence[int]]
MOST = 10


def recall_table(exact: Counts, chosen: Counts) -> str:
    """Return the classes whose recall changed most, the largest loss first."""
    rows = []
    for index, (before, after) in enumerate(zip(exact, chosen, strict=True)):
        images = sum(before)
        if images:
            rows.append(((after[index] - before[index]) / images, index, images, before[index], after[index]))
    rows.sort()
    texts = [
        (str(index), str(images), percent(before / images), percent(after / images), f"{100 * change:+.2f}")
        for change, index, images, before, after in rows[:MOST]
    ]
    head = ("class", "test images", "right, exact 8-bit", "right, chosen", "change, points")
    return table(head, texts, frozenset({0, 1, 2, 3, 4}))


def moved_table(exact: Counts, chosen: Counts) -> str:
    """Return the confusions that became more or fewer, those with the largest change first."""
    moved = [
        (after[j] - before[j], i, j, before[j], after[j])
        for i, (before, after) in enumerate(zip(exact, chosen, strict=True))
        for j in range(len(before))
        if i != j and after[j] != before[j]
    ]
    if not moved:
        return "<p>No confusion of two classes became more or less frequent.</p>"
    moved.sort(key=lambda entry: (-abs(entry[0]), entry[1], entry[2]))
    texts = [
        (f"{i} taken for {j}", str(before), str(after), f"{change:+d}")
        for change, i, j, before, after in moved[:MOST]
    ]
    return table(("confusion", "exact 8-bit", "chosen", "change"), texts, frozenset({1, 2, 3}))
