"""Generators of exact and approximate multipliers, one family per file, found through a registry."""

from mulsmith.circuits.generators.registry import Choice, Family, Integer, Limit, families, generate, register

__all__ = ["Choice", "Family", "Integer", "Limit", "families", "generate", "register"]
