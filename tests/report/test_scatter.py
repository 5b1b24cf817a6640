"""The scatter shows what it is given, on a scale that fits."""

import re

from hypothesis import given
from hypothesis import strategies as st

from mulsmith.report.scatter import BOTTOM, HEIGHT, LEFT, RIGHT, SHOWN_BELOW, TOP, WIDTH, Mark, scatter

POINTS = st.lists(st.tuples(st.floats(0, 3), st.floats(0, 1)), min_size=1, max_size=12)


@given(POINTS, st.floats(0, 1))
def test_every_point_is_drawn_inside_or_counted(points: list[tuple[float, float]], bound: float) -> None:
    picture = scatter([Mark(x, y, "mixed", "text") for x, y in points], points, bound, "energy")
    places = [
        (float(x), float(y))
        for x, y in re.findall(r'<circle class="mixed" cx="([-\d.]+)" cy="([-\d.]+)"', picture)
    ]
    shown = [(x, y) for x, y in points if y >= bound - SHOWN_BELOW]
    assert len(places) == len(shown)
    for cx, cy in places:
        assert LEFT <= cx <= WIDTH - RIGHT
        assert TOP <= cy <= HEIGHT - BOTTOM
    below = re.search(r"(\d+) points lie below", picture)
    assert (int(below[1]) if below else 0) == len(points) - len(shown)
    # Higher accuracy stands higher, larger energy further right, and the bound is among them.
    for (x, y), (cx, cy) in zip(shown, places, strict=True):
        limit = re.search(r'class="bound" [^>]*y1="([-\d.]+)"', picture)
        assert limit is not None
        assert (cy <= float(limit[1]) + 0.06) == (y >= bound) or abs(y - bound) < 1e-3
        assert x == 0 or cx >= LEFT


def test_the_scale_fits_points_that_are_close() -> None:
    marks = [Mark(0.3, 0.975, "mixed", ""), Mark(1.0, 0.980, "mixed", "")]
    picture = scatter(marks, [], 0.97, "energy")
    ticks = [float(text) for text in re.findall(r">([\d.]+) %</text>", picture)]
    assert 96 < min(ticks) < max(ticks) <= 99
    assert len(ticks) == len(set(ticks)) >= 4
