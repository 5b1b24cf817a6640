"""docs/energy.md shows the accelerators, tables and results of today, and its examples run."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.documents import parse_document

TOOL = Path(__file__).resolve().parents[2] / "tools" / "make_energy_docs.py"
specification = importlib.util.spec_from_file_location("make_energy_docs", TOOL)
assert specification is not None
assert specification.loader is not None
tool = importlib.util.module_from_spec(specification)
specification.loader.exec_module(tool)


def test_lists_are_current() -> None:
    page = tool.PAGE.read_text(encoding="utf-8")
    current = tool.updated(page, ("accelerators", "tables", "comparison"))
    assert current == page, "run python tools/make_energy_docs.py"


@pytest.mark.nightly
def test_results_are_current() -> None:
    page = tool.PAGE.read_text(encoding="utf-8")
    assert tool.updated(page, ("results",)) == page, "run python tools/make_energy_docs.py"


def test_the_accelerator_of_the_page_loads() -> None:
    page = tool.PAGE.read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    assert parse_document(Accelerator, example[1]).pes == 168
