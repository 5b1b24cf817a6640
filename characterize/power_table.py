"""Data-dependent power: one table per circuit, to be joined with the operand histograms of any layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.activity import Operands, Stationary
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.net_table import NetTable, net_table
from mulsmith.characterize.power import EnergyModel, Power, energy_model
from mulsmith.characterize.timing import Timing


@dataclass(frozen=True, slots=True, eq=False)
class PowerTable:
    """Power of one circuit for any operand histograms; build it once per circuit with ``power_table``."""

    nets: NetTable
    energies: EnergyModel

    def power(
        self,
        a_histogram: npt.ArrayLike,
        b_histogram: npt.ArrayLike,
        stationary: Stationary = None,
        clock_ghz: float = 1.0,
    ) -> Power:
        """Return the power while operands are drawn from histograms.

        Args:
            a_histogram: weight of every raw code of operand A, [2**a_bits].
            b_histogram: weight of every raw code of operand B, [2**b_bits].
            stationary: the operand that stays while the other changes ("a" or "b"), or None.
            clock_ghz: operations per nanosecond.

        Raises:
            ConfigError: a histogram of the wrong size, with negative or non-finite entries, or empty.
        """
        a, b = (np.asarray(histogram, dtype=np.float64) for histogram in (a_histogram, b_histogram))
        return self.energies.power(self.nets.activity(Operands(a, b, stationary)), clock_ghz)


def power_table(mapped: MappedNetlist, liberty: Liberty, timing: Timing) -> PowerTable:
    """Return what ``PowerTable.power`` needs, for a circuit of two operands.

    Raises:
        NetlistError: other than two operands, or a broken structure.
        LibertyError: a cell that the library lacks.
    """
    return PowerTable(net_table(mapped, liberty), energy_model(mapped, liberty, timing))
