"""Co-design: from circuits and data to a network on chosen multipliers, with figures for both."""

from mulsmith.codesign.config import Config
from mulsmith.codesign.pipeline import run_codesign
from mulsmith.codesign.result import load_result
from mulsmith.codesign.search_run import Step

__all__ = ["Config", "Step", "load_result", "run_codesign"]
