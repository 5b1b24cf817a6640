"""Power against the PDK45 power in EvoApproxLib's headers, and the full against the embedded cells."""

import pytest

from mulsmith.characterize.activity import Toggle
from mulsmith.characterize.calibration import calibrate
from mulsmith.characterize.header import read_header
from mulsmith.characterize.instances import area_um2
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.power import estimate_power
from mulsmith.characterize.synthesis import synthesize
from mulsmith.characterize.timing import analyze
from mulsmith.circuits.verilog import read_verilog


def paths(folder):
    return sorted(path for path in folder.glob("*/*.v") if not path.stem.endswith("_pdk45"))


def figures(path, liberty):
    mapped = synthesize(read_verilog(path), liberty)
    timing = analyze(mapped, liberty)
    power = estimate_power(mapped, liberty, timing, Toggle(0.1))
    return area_um2(mapped, liberty), timing.delay_ns, power.total_mw


def published(path):
    return read_header(path.read_text(encoding="utf-8", errors="replace"))["power_mw"]


def test_a_sample_follows_the_published_power(evoapproxlib, gscl45nm):
    liberty = Liberty.read(gscl45nm)
    sample = paths(evoapproxlib)[::19]
    modelled = [figures(path, liberty)[2] for path in sample]
    result = calibrate(modelled, [published(path) for path in sample], [path.parent.name for path in sample])
    assert result.rank_correlation >= 0.98
    assert result.mean_deviation <= 0.08
    assert 1.1 < result.factor < 1.3


@pytest.mark.nightly
def test_all_follow_the_published_power(evoapproxlib, gscl45nm):
    liberty = Liberty.read(gscl45nm)
    every = paths(evoapproxlib)
    modelled = [figures(path, liberty)[2] for path in every]
    result = calibrate(modelled, [published(path) for path in every], [path.parent.name for path in every])
    assert len(every) == 225
    assert result.rank_correlation >= 0.998
    assert min(result.rank_correlation_within.values()) >= 0.97
    assert result.mean_deviation <= 0.05


def _compare_libraries(chosen, gscl45nm):
    full, embedded = Liberty.read(gscl45nm), Liberty.embedded()
    pairs = [(figures(path, full), figures(path, embedded)) for path in chosen]
    for of_full, of_embedded in pairs:
        assert of_embedded == pytest.approx(of_full, rel=0.02)


def test_embedded_cells_give_the_figures_of_the_full_library(evoapproxlib, gscl45nm):
    _compare_libraries(paths(evoapproxlib)[5::45], gscl45nm)


@pytest.mark.nightly
def test_embedded_cells_give_the_figures_of_the_full_library_on_all(evoapproxlib, gscl45nm):
    _compare_libraries(paths(evoapproxlib), gscl45nm)
