"""What ``auto`` takes is said, and follows the table and the kernels that there are."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import Problem, Table
from mulsmith.emulate.choice import explain, measure_costs, report
from mulsmith.emulate.kernel_costs import SHIPPED, kernel_costs
from mulsmith.emulate.kernels_native import chosen_kernel, only_kernels
from mulsmith.emulate.measured_costs import costs_file, device_name, forget, keep
from mulsmith.emulate.native_library import find_library

NATIVE = find_library()[0]


def _problem(lut: Lut) -> Problem:
    return Problem(4096, 576, 64, 1, True, Table.of(lut), torch.device("cpu"))


@pytest.mark.skipif(NATIVE is None, reason="no compiled kernels")
def test_native_wins_where_it_is() -> None:
    assert NATIVE is not None
    choice = explain(_problem(Lut.exact(8, 8, True)))
    assert choice.backend == "native"
    assert choice.kernel in NATIVE.kernels
    assert min(choice.seconds, key=choice.seconds.__getitem__) == "native"
    with only_kernels(("row_table_base",)):
        assert chosen_kernel(_problem(Lut.exact(8, 8, True))) == "row_table_base"


def test_without_kernels_the_factors_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mulsmith.emulate.kernels_native.find_library", lambda: (None, "no compiler"))
    choice = explain(_problem(Lut.exact(8, 8, True)))
    assert (choice.backend, choice.kernel) == ("factor", None)
    assert "native" not in choice.seconds


def test_wide_tables_go_where_they_fit() -> None:
    lut = Lut(np.ones((1024, 256), dtype=np.int32), 10, 8, False)
    assert explain(_problem(lut)).backend == "reference"


def test_report_names_backends_and_choices() -> None:
    found = report()
    assert found["backends"]["reference"] == "available"  # type: ignore[index]
    assert set(found["auto"]) == {"exact table", "random table"}  # type: ignore[call-overload]


def test_high_rank_is_not_factorised_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mulsmith.emulate.factor_store.factorise", lambda _: pytest.fail("factorised"))
    noise = np.random.default_rng(9).integers(0, 1 << 16, (256, 256)).astype(np.int32)
    assert "factor" not in explain(_problem(Lut(noise, 8, 8, False))).seconds


@pytest.mark.skipif(NATIVE is None, reason="no compiled kernels")
def test_measured_costs_are_kept_and_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MULSMITH_CACHE", str(tmp_path))
    monkeypatch.setattr("mulsmith.emulate.kernel_costs.SHAPES", ((64, 8, 16), (128, 9, 16), (64, 30, 4)))
    monkeypatch.setattr("mulsmith.emulate.choice.MEASURED_SHAPES", ((64, 8, 16),))
    cpu = torch.device("cpu")
    kernel_costs.cache_clear()
    forget()
    try:
        measure_costs()
        assert kernel_costs() is not SHIPPED
        assert report()["kernel_costs"] == f"measured on {device_name(cpu)}"
        assert f"factor, {device_name(cpu)}" in report()["measured over predicted time"]  # type: ignore[operator]
        keep(cpu, "kernels", {"row_table_base": {"lookup_ns": "fast"}})
        kernel_costs.cache_clear()
        assert kernel_costs() is SHIPPED
        costs_file().write_text(costs_file().read_text().replace(device_name(cpu), "another processor"))
        forget()
        kernel_costs.cache_clear()
        assert report()["kernel_costs"] == "shipped"
    finally:
        kernel_costs.cache_clear()
        forget()


def test_measured_factors_change_the_choice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MULSMITH_CACHE", str(tmp_path))
    forget()
    try:
        before = explain(_problem(Lut.exact(8, 8, True))).seconds["factor"]
        keep(torch.device("cpu"), "backends", {"factor": 1e-9})
        choice = explain(_problem(Lut.exact(8, 8, True)))
        assert choice.backend == "factor"
        assert choice.seconds["factor"] == pytest.approx(before * 1e-9)
    finally:
        forget()
