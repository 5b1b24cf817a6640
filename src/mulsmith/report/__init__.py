"""The report of a run: one HTML file that needs nothing else, light and dark."""

from mulsmith.report.page import render, write_report

__all__ = ["render", "write_report"]
