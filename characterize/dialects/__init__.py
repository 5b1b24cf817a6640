"""Formats in which other tools and languages take a multiplier's table, written and read back."""

from mulsmith.characterize.dialects.dialect import DIALECTS, Dialect, find_dialect, read_table

__all__ = ["DIALECTS", "Dialect", "find_dialect", "read_table"]
