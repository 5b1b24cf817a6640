"""The arithmetic of tools/characterization_report.py against SciPy and brute force, and its page."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.stats import spearmanr

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "characterization_report", ROOT / "tools" / "characterization_report.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(5))
def test_rank_correlation_with_ties(tool: ModuleType, seed: int) -> None:
    a, b = np.random.default_rng(seed).integers(0, 9, (2, 50)).astype(float)
    assert tool.rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)


def test_best_factor_against_a_fine_scan(tool: ModuleType) -> None:
    rng = np.random.default_rng(1)
    measured = rng.uniform(1, 5, 40)
    published = measured * rng.normal(1.2, 0.05, 40)
    _, deviation = tool.best_factor(published, measured)
    scan = min(float(np.mean(np.abs(1 - k * measured / published))) for k in np.linspace(1, 1.5, 5001))
    assert deviation <= scan
    assert deviation == pytest.approx(scan, rel=1e-3)


def test_the_page_has_one_place_for_the_figures(tool: ModuleType) -> None:
    page = tool.PAGE.read_text(encoding="utf-8")
    assert "NEW" in tool.updated(page, "NEW")
    assert "Area, summed over" in page
    with pytest.raises(SystemExit):
        tool.updated("nothing", "NEW")


def test_figures_of_one_circuit(tool: ModuleType, evoapproxlib: Path, gscl45nm: Path, tmp_path: Path) -> None:
    row = tool.measure(evoapproxlib / "8x2_unsigned" / "mul8x2u_0SJ.v", gscl45nm)
    assert (row.group, row.published["area_um2"].text) == ("8x2u", "15.0")
    assert tool.distinct([row, row]) == [row]
    tool.draw([row, row], tmp_path / "figures" / "picture.svg")
    assert (tmp_path / "figures" / "picture.svg").stat().st_size > 1000
