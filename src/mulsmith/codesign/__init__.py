"""Co-design: from circuits and data to a network on chosen multipliers, with figures for both."""

from mulsmith.codesign.config import Config
from mulsmith.codesign.pipeline import Progress, run_codesign
from mulsmith.codesign.result import load_result

__all__ = ["Config", "Progress", "load_result", "run_codesign"]
