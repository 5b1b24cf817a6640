"""Area, timing and power reports of other tools, read into synthesis figures."""

from mulsmith.characterize.importers.reports import import_reports

__all__ = ["import_reports"]
