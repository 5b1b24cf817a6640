"""One library against another: which of its multipliers are beaten, and how much the fronts differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.figures import Document, figure
from mulsmith.errors import ConfigError

BEATING = ("mae", "wce", "area_um2", "power_mw")
FRONTS = (("mae", "power_mw"), ("wce", "power_mw"))

Scale = Literal["linear", "log2"]
SCALES: tuple[Scale, ...] = ("linear", "log2")

Figures = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Match:
    """A multiplier of the reference library and the own one that beats it.

    Attributes:
        name: of the reference multiplier.
        source: folder that it was read from, which tells the list.
        beaten_by: an own multiplier that is no worse in all figures and better in one; None without.
        power_ratio: its power over the reference's; None without.
        area_ratio: its area over the reference's; None without.
        delay_ratio: its delay over the reference's; None without.
    """

    name: str
    source: str
    beaten_by: str | None
    power_ratio: float | None
    area_ratio: float | None
    delay_ratio: float | None


@dataclass(frozen=True, slots=True)
class Volume:
    """Area that two fronts dominate, up to the worst figures of the reference, as a share of the whole.

    Attributes:
        x: first figure, an error.
        y: second figure.
        scale: of the error: ``linear``, or ``log2(1 + x)``, which lets the accurate multipliers count too.
        own: hypervolume of the own front.
        reference: that of the reference front.
    """

    x: str
    y: str
    scale: Scale
    own: float
    reference: float


@dataclass(frozen=True, slots=True)
class Contest:
    """Two libraries compared within one width and signedness.

    Attributes:
        kind: e.g. ``8x8 unsigned``.
        own: how many own multipliers there are.
        matches: one for each different reference multiplier.
        volumes: of the fronts.
    """

    kind: str
    own: int
    matches: tuple[Match, ...]
    volumes: tuple[Volume, ...]

    @property
    def beaten(self) -> int:
        """How many reference multipliers are beaten."""
        return sum(match.beaten_by is not None for match in self.matches)

    def to_json(self) -> dict[str, Any]:
        """Return all as JSON."""
        return {**asdict(self), "beaten": self.beaten}


def contest(own: Sequence[Document], reference: Sequence[Document]) -> list[Contest]:
    """Compare two libraries that were synthesised alike, each width and signedness of the reference.

    Reference multipliers of equal function and figures count once.

    Raises:
        ConfigError: a multiplier has no synthesis figures, or the cells or activities differ.
    """
    _check_alike([*own, *reference])
    kinds = sorted({_kind(document) for document in reference})
    return [_contest(kind, _of(kind, own), _different(_of(kind, reference))) for kind in kinds]


def _check_alike(documents: Sequence[Document]) -> None:
    flows = set()
    for document in documents:
        synthesis = document["synthesis"]
        if synthesis is None:
            raise ConfigError(
                f"'{document['name']}' has no synthesis figures", remedy="characterize without --no-synth"
            )
        flows.add((synthesis["liberty"], synthesis["activity"], synthesis["clock_ghz"]))
    if len(flows) > 1:
        texts = sorted(f"{liberty}, activity {activity}" for liberty, activity, _ in flows)
        raise ConfigError(
            f"the libraries were synthesised differently: {'; '.join(texts)}",
            remedy="characterize both with the same --liberty, --activity and --clock-ghz",
        )


def _kind(document: Document) -> str:
    return f"{document['a_bits']}x{document['b_bits']} {'signed' if document['signed'] else 'unsigned'}"


def _of(kind: str, documents: Iterable[Document]) -> list[Document]:
    return [document for document in documents if _kind(document) == kind]


def _different(documents: Sequence[Document]) -> list[Document]:
    seen: dict[tuple[Any, ...], Document] = {}
    for document in documents:
        seen.setdefault((document["lut_sha256"], *_figures([document], BEATING)[0]), document)
    return list(seen.values())


def _figures(documents: Sequence[Document], names: Sequence[str]) -> Figures:
    rows = [[figure(document, name) for name in names] for document in documents]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(names))


def _contest(kind: str, own: Sequence[Document], reference: Sequence[Document]) -> Contest:
    mine, theirs = _figures(own, BEATING), _figures(reference, BEATING)
    matches = []
    for document, figures in zip(reference, theirs, strict=True):
        beats = (mine <= figures).all(axis=1) & (mine < figures).any(axis=1)
        candidates = [candidate for candidate, beating in zip(own, beats, strict=True) if beating]
        matches.append(_match(document, candidates))
    volumes = [_volume(x, y, scale, own, reference) for x, y in FRONTS for scale in SCALES]
    return Contest(kind, len(own), tuple(matches), tuple(volumes))


def _match(document: Document, candidates: Sequence[Document]) -> Match:
    name, source = document["name"], Path(document["source"]).parent.name
    if not candidates:
        return Match(name, source, None, None, None, None)
    best = min(candidates, key=lambda candidate: (candidate["synthesis"]["power_mw"], candidate["name"]))
    ratios = [
        _ratio(figure(best, key), figure(document, key)) for key in ("power_mw", "area_um2", "delay_ns")
    ]
    return Match(name, source, best["name"], *ratios)


def _ratio(own: float | None, reference: float | None) -> float | None:
    return own / reference if own is not None and reference else None


def _volume(x: str, y: str, scale: Scale, own: Sequence[Document], reference: Sequence[Document]) -> Volume:
    mine, theirs = (_figures(documents, (x, y)) for documents in (own, reference))
    if scale == "log2":
        mine[:, 0], theirs[:, 0] = np.log2(1 + mine[:, 0]), np.log2(1 + theirs[:, 0])
    corner = theirs.max(axis=0)
    corner[corner == 0] = 1.0
    return Volume(x, y, scale, dominated_area(mine / corner), dominated_area(theirs / corner))


def dominated_area(points: Figures) -> float:
    """Return the area of the unit square that the points dominate, less being better."""
    inside = points[(points < 1).all(axis=1)]
    area, edge = 0.0, 1.0
    for x, y in inside[np.lexsort((inside[:, 1], inside[:, 0]))]:
        if y < edge:
            area += (1.0 - float(x)) * (edge - float(y))
            edge = float(y)
    return area
