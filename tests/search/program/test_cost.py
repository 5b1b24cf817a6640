"""Counts of Callgrind, bands of the processor's cost, and Amdahl's law."""

import shutil
from pathlib import Path

import pytest

from mulsmith.errors import ToolError
from mulsmith.search.program.callgrind import Counts, RegionCounts, count_kernel, read_totals
from mulsmith.search.program.cpu import cpu_energy_pj, cpu_time_ns, gain, region_counts, stored_counts
from mulsmith.search.program.kernels import KERNELS
from mulsmith.search.program.npu import NpuCost

NPU = NpuCost(90.0, 0.0, 10.0, 40.0, 10.0, "cacti45")


def test_time_and_energy_by_hand() -> None:
    counts = Counts(instructions=340.0, l1_misses=3.0, ll_misses=1.0, mispredictions=2.0)
    # Stalls: 2 x 15 + 2 x 12 + 1 x 200 = 254 cycles; 340 / 2 and 340 / 1 cycles beside them.
    time = cpu_time_ns(counts)
    assert time.low == pytest.approx((170 + 254) / 3.4) and time.high == pytest.approx((340 + 254) / 3.4)
    assert cpu_energy_pj(counts).to_json() == pytest.approx([340 * 70, 340 * 6000])


def test_amdahl_by_hand() -> None:
    call, nothing = Counts(100.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
    found = gain(RegionCounts(call, Counts(2000.0, *nothing), Counts(1000.0, *nothing), "made up"), NPU)
    assert found.share == 0.5
    # Ten calls of 100 instructions at 70 pJ are replaced by ten of 100 pJ.
    assert found.program_energy.low == pytest.approx(2000 * 70 / (1000 * 70 + 10 * 100))
    assert found.program_energy.high < 2.0
    assert found.region_time.low == pytest.approx(100 / 2 / 3.4 / 50)


def test_a_network_slower_than_the_region_slows_the_program() -> None:
    found = gain(stored_counts()["kmeans"], NPU)
    assert found.region_time.high < 1 and found.program_time.high < 1


def test_every_kernel_has_stored_counts() -> None:
    assert set(stored_counts()) == set(KERNELS)
    for counts in stored_counts().values():
        assert 0 < counts.within.instructions < counts.program.instructions
        assert "valgrind-" in counts.source and counts.source.startswith("stored counts")


@pytest.mark.skipif(not (shutil.which("valgrind") and shutil.which("cc")), reason="no valgrind or compiler")
def test_counting_again_gives_about_the_stored_counts() -> None:
    measured, stored = count_kernel("fft"), stored_counts()["fft"]
    # Another compiler or C library changes the sine; a factor of three would be another function.
    assert 1 / 3 < measured.call.instructions / stored.call.instructions < 3
    # A transform of 1024 samples needs 1 + 2 + ... + 512 twiddle factors.
    assert measured.calls == pytest.approx(1023, rel=0.02)


@pytest.mark.parametrize("missing", ["cc", "valgrind"])
def test_without_tools_the_stored_counts_are_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == missing else f"/bin/{name}")
    found = region_counts("sobel", measure=True)
    assert found.call == stored_counts()["sobel"].call
    assert f"not measured here: {missing} was not found" in found.source
    with pytest.raises(ToolError, match="install a C compiler and valgrind"):
        count_kernel("sobel")


@pytest.mark.parametrize(
    ("text", "message"), [("nothing", "holds no totals"), ("events: Ir\ntotals: 3\n", "lacks the events")]
)
def test_strange_files_are_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "out").write_text(text)
    with pytest.raises(ToolError, match=message):
        read_totals(tmp_path / "out")
