"""Online selection over a saved Pareto set: quality, energy and integrated mode."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mulsmith.errors import ConfigError, StoreError
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.mlp import Mlp, stored_arrays

Mode = Literal["quality", "energy", "integrated"]


@dataclass(frozen=True, slots=True, eq=False)
class OperatingPoint:
    """One network of a Pareto set.

    Attributes:
        network: the trained network.
        accuracy: its share of calls within the bound, on validation.
        energy_reduction: energy of the region on the CPU over the network's (eer).
    """

    network: Mlp
    accuracy: float
    energy_reduction: float


class Selector:
    """The networks of one region, one of which is active; switching changes an index.

    Args:
        points: the Pareto set.

    Raises:
        ConfigError: it is empty, or networks differ in inputs or outputs.
    """

    def __init__(self, points: Sequence[OperatingPoint]) -> None:
        ends = {(p.network.topology.widths[0], p.network.topology.widths[-1]) for p in points}
        if len(ends) != 1:
            raise ConfigError(
                f"a selector needs networks with the same inputs and outputs, not {sorted(ends)}"
            )
        self.points = tuple(points)
        self._most = max(point.energy_reduction for point in points)
        self.active = 0

    def __call__(self, inputs: Floats) -> Floats:
        """Return the active network's outputs."""
        return self.points[self.active].network(inputs)

    def to_bytes(self) -> bytes:
        """Return the networks and their figures as an ``.npz`` file."""
        figures = [[point.accuracy, point.energy_reduction] for point in self.points]
        arrays: dict[str, Any] = {"figures": np.array(figures)}
        for place, point in enumerate(self.points):
            arrays |= point.network.arrays(f"{place}_")
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Selector:
        """Return the selector in an ``.npz`` file, such as a run's ``front-1.npz``.

        Raises:
            StoreError: it is no such file.
        """
        arrays = stored_arrays(data)
        if "figures" not in arrays:
            raise StoreError("not a stored selector: 'figures' is missing", remedy="give a run's front-N.npz")
        points = [
            OperatingPoint(Mlp.from_arrays(arrays, f"{place}_"), float(accuracy), float(reduction))
            for place, (accuracy, reduction) in enumerate(arrays["figures"])
        ]
        return cls(points)

    def select(
        self,
        mode: Mode,
        *,
        accuracy: float = 0.0,
        energy_reduction: float = 0.0,
        theta: float = 0.5,
    ) -> int:
        """Make a point active and return its index.

        ``quality`` takes the greatest accuracy; ``energy`` the greatest energy reduction among those of at
        least ``accuracy``, or the most accurate where there is none; ``integrated`` the greatest
        theta (acc - accuracy) + (1 - theta) (eer - energy_reduction) / greatest eer (Chen et al.).

        Raises:
            ConfigError: an unknown mode, or theta outside 0..1.
        """
        if mode not in ("quality", "energy", "integrated") or not 0 <= theta <= 1:
            raise ConfigError(
                f"mode '{mode}' with theta = {theta}", remedy="quality, energy or integrated; theta in 0..1"
            )
        places = range(len(self.points))

        def quality(i: int) -> tuple[float, float]:
            return self.points[i].accuracy, self.points[i].energy_reduction

        good = [i for i in places if self.points[i].accuracy >= accuracy]
        if mode == "integrated":
            self.active = max(
                places,
                key=lambda i: (
                    theta * (self.points[i].accuracy - accuracy)
                    + (1 - theta) * (self.points[i].energy_reduction - energy_reduction) / self._most
                ),
            )
        elif mode == "energy" and good:
            self.active = max(good, key=lambda i: quality(i)[::-1])
        else:
            self.active = max(places, key=quality)
        return self.active
