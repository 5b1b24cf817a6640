"""Netlist to look-up table, error statistics, synthesis figures and the library that keeps them."""

from mulsmith.characterize.lut import Lut

__all__ = ["Lut"]
