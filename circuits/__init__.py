"""Verilog and netlists: reading, writing, generating and evolving multipliers."""

from mulsmith.circuits.netlist import Gate, Netlist, Op, Port

__all__ = ["Gate", "Netlist", "Op", "Port"]
