"""Factorisations give back every entry, need as few planes as published, and survive a damaged cache."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.embedded import embedded_files
from mulsmith.circuits.verilog import read_verilog
from mulsmith.emulate import Table
from mulsmith.emulate.factor_store import factors_of, known_factors
from mulsmith.emulate.factorise import factorise, fewest_planes
from mulsmith.errors import ToolError

pytest.importorskip("flint")


def _truncated(columns: int) -> Lut:
    """Return the product without the partial-product bits below a column."""
    a, b = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    total = np.zeros((256, 256), dtype=np.int64)
    for i in range(8):
        for j in range(8):
            if i + j >= columns:
                total += (((a >> i) & (b >> j)) & 1) << (i + j)
    return Lut(total.astype(np.int32), 8, 8, False)


@pytest.mark.parametrize("signed", [False, True])
def test_exact_product_is_one_plane(signed: bool) -> None:
    for a_bits, b_bits in [(8, 8), (8, 3), (5, 7)]:
        lut = Lut.exact(a_bits, b_bits, signed)
        factors = factorise(lut)
        assert factors.planes == 1
        assert np.array_equal(factors.product(), lut.table)


def test_truncated_products() -> None:
    for columns in (2, 4, 8):
        lut = _truncated(columns)
        factors = factorise(lut)
        assert np.array_equal(factors.product(), lut.table)
        assert np.array_equal(factors.transposed().product(), lut.table.T)
        assert fewest_planes(lut) <= factors.planes <= 14


def test_constant_table_has_no_planes() -> None:
    lut = Lut(np.full((16, 16), -7, dtype=np.int32), 4, 4, True)
    factors = factorise(lut)
    assert factors.planes == 0
    assert np.array_equal(factors.product(), lut.table)


def test_random_table() -> None:
    table = np.random.default_rng(0).integers(-5000, 5000, (32, 16)).astype(np.int32)
    lut = Lut(table, 5, 4, True)
    assert np.array_equal(factorise(lut).product(), table)


def test_entries_up_to_the_edge_of_int32() -> None:
    table = np.random.default_rng(1).integers(-(2**31), 2**31, (16, 8)).astype(np.int32)
    assert np.array_equal(factorise(Lut(table, 4, 3, False)).product(), table)


@pytest.mark.parametrize(
    ("file", "planes"),
    [("8x8_signed/mul8s_1KX2", 5), ("8x8_unsigned/mul8u_2AC", 10), ("8x2_unsigned/mul8x2u_015", 4)],
)
def test_evoapproxlib_sample(evoapproxlib: Path, file: str, planes: int) -> None:
    lut = simulate_lut(replace(read_verilog(evoapproxlib / f"{file}.v"), signed="_signed/" in file))
    factors = factorise(lut)
    assert np.array_equal(factors.product(), lut.table)
    assert factors.planes <= planes


def _unshipped(columns: int) -> Lut:
    """Return a table that does not come with the package."""
    return Lut(_truncated(columns).table + np.int32(13), 8, 8, False)


def _fresh(lut: Lut) -> Table:
    table = Table.of(lut)
    table.derived.clear()
    return table


def test_factors_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MULSMITH_CACHE", str(tmp_path))
    lut = _unshipped(5)
    assert known_factors(_fresh(lut)) is None
    planes = factors_of(_fresh(lut)).planes
    monkeypatch.setattr("mulsmith.emulate.factor_store.factorise", lambda _: pytest.fail("computed again"))
    assert factors_of(_fresh(lut)).planes == planes


def test_damaged_cache_is_computed_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MULSMITH_CACHE", str(tmp_path))
    lut, other = _unshipped(6), _unshipped(7)
    factors_of(_fresh(lut))
    factors_of(_fresh(other))
    first, second = (tmp_path / "factors" / f"{x.sha256()}.npz" for x in (lut, other))
    for damage in (second.read_bytes(), first.read_bytes()[:100], b""):
        first.write_bytes(damage)
        assert np.array_equal(factors_of(_fresh(lut)).product(), lut.table)
        assert "damaged" in caplog.text


def test_missing_flint_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MULSMITH_CACHE", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "flint", None)
    with pytest.raises(ToolError, match="python-flint"):
        factors_of(_fresh(_unshipped(3)))


def test_embedded_circuits_come_with_factors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MULSMITH_CACHE", str(tmp_path))
    monkeypatch.setattr("mulsmith.emulate.factor_store.factorise", lambda _: pytest.fail("computed"))
    for path in embedded_files()[::12]:
        signed = "mulsmith: signed = true" in path.read_text()
        lut = simulate_lut(replace(read_verilog(path), signed=signed))
        assert np.array_equal(factors_of(_fresh(lut)).product(), lut.table), path
