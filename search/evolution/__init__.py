"""Searches for sets of multipliers: many evolution runs, each under bounds of its own."""
