"""The picture of a run: what is drawn where, and what is only counted."""

from xml.etree import ElementTree

import pytest

from mulsmith.search.front_picture import front_svg

SVG = "{http://www.w3.org/2000/svg}"


def _circles(picture: str, kind: str) -> list[tuple[float, float]]:
    root = ElementTree.fromstring(picture)
    found = root.iter(f"{SVG}circle")
    return [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in found if c.attrib["class"] == kind]


def _texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_places_follow_energy_and_accuracy() -> None:
    points = [(0.2, 0.80), (0.4, 0.90), (1.0, 0.95), (1.3, 0.70)]
    picture = front_svg(points, points[:3], "greedy", "energy", exact=points[2])
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = _circles(picture, "point")
    assert x0 < x1 < x2 < x3
    assert y2 < y1 < y0 < y3
    assert (x1 - x0) / (x2 - x1) == pytest.approx(0.2 / 0.6, rel=1e-2)
    assert (y0 - y1) / (y1 - y2) == pytest.approx(0.10 / 0.05, rel=1e-2)
    assert _circles(picture, "front") == [(x0, y0), (x1, y1), (x2, y2)]
    assert _circles(picture, "exact") == [(x2, y2)]


def test_points_far_below_the_best_are_counted() -> None:
    picture = front_svg([(0.1, 0.1), (0.2, 0.3), (1.0, 0.9)], [(0.1, 0.1), (1.0, 0.9)], "alwann", "energy")
    assert len(_circles(picture, "point")) == len(_circles(picture, "front")) == 1
    assert "alwann; 2 more than 30 points below the best are not drawn" in _texts(picture)


@pytest.mark.parametrize("points", [[], [(0.0, 0.0)], [(1e-9, 0.5), (2e-9, 0.5)], [(5e7, 1.0)]])
def test_any_range_has_axes(points: list[tuple[float, float]]) -> None:
    picture = front_svg(points, points, "uniform", "energy")
    inside = [0 <= x <= 680 and 0 <= y <= 430 for x, y in _circles(picture, "point")]
    assert all(inside)
    assert len(inside) == len(points)
