"""What a processing element takes besides its multiplier: synthesise, fit a linear model, test it on others.

python benchmarks/pe_overhead.py shared/liberty/gscl45nm.lib
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from mulsmith import Library
from mulsmith.characterize.flow import report_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.synthesis import synthesize
from mulsmith.codesign.handoff.pe_power import element_figures
from mulsmith.codesign.handoff.pe_yosys import synthesise_element
from mulsmith.codesign.handoff.product_units import Unit, product_bits, write_products
from mulsmith.codesign.handoff.rtl_project import rtl_sources
from mulsmith.energy.processing_element import idle_bits

FITTED = (
    "mul8x8u_dadda", "mul8x8s_dadda", "mul8x4u_dadda", "mul8x6s_dadda", "mul8x8u_drum4", "mul8x2u_dadda",
    "mul8x8u_trunc8_cc", "mul8x8s_trunc7_cc", "mul8x4s_half_a4b0", "mul8x6u_trunc5_cc",
)  # fmt: skip
TESTED = (
    "mul8x8u_trunc7_cc", "mul8x8s_half_a4b4", "mul8x3u_half_a5b0", "mul8x6u_or2_c4_cut1", "mul8x4s_dadda",
    "mul8x6u_or2_c10_cut9_cc", "mul8x8s_bbm6", "mul8x5u_drum3", "mul8x7u_or3_c4", "mul8x6s_half_a6b4",
)  # fmt: skip
TERMS = (27, 576)

Row = tuple[str, bool, int, float, float, list[float], float, float]


def rows(names: Iterable[str], library: Library, liberty: Liberty) -> Iterator[Row]:
    """Yield (name, signs, sum bits, multiplier's area and power, features, element's area and power)."""
    for name in names:
        netlist = library.netlist(name)
        mapped = synthesize(netlist, liberty)
        own = report_mapped(mapped, liberty)
        for signs in (False,) if netlist.signed else (False, True):
            for terms in TERMS:
                bits = netlist.a_bits, netlist.b_bits
                p_bits = product_bits(netlist)
                acc = p_bits + (terms - 1).bit_length()
                unit = Unit((name,), *bits, p_bits)
                product = write_products([unit], {name: netlist}, signs, 1).encode()
                sizes = zip(("A_BITS", "B_BITS", "P_BITS", "ACC_BITS"), (*bits, p_bits, acc), strict=True)
                element = synthesise_element(
                    {**rtl_sources(), "product.v": product},
                    {name: mapped},
                    {"UNIT": 0, **dict(sizes)},
                    liberty,
                )
                found = element_figures(element, liberty, terms)
                idle = idle_bits(library[name].lut)
                features = [
                    sum(bits) + 2,
                    acc - idle,
                    idle,
                    (sum(bits) + p_bits - idle) * signs,
                    own.power_mw * signs,
                ]
                yield name, signs, acc, own.area_um2, own.power_mw, features, found.area_um2, found.power_mw


def main() -> None:
    """Print the coefficients, and the deviation of every element of both sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("liberty", type=Path)
    liberty = Liberty.read(parser.parse_args().liberty)
    with Library.embedded() as library:
        fitted = list(rows(FITTED, library, liberty))
        tested = list(rows(TESTED, library, liberty))
    for figure, multiplier, total, used in (("area_um2", 3, 6, 4), ("power_mw", 4, 7, 5)):
        matrix = np.array([row[5][:used] for row in fitted], float)
        rest = np.array([row[total] - row[multiplier] for row in fitted])  # type: ignore[operator]
        weights = 1 / np.array([row[total] for row in fitted])  # type: ignore[arg-type]
        coefficients, *_ = np.linalg.lstsq(matrix * weights[:, None], rest * weights, rcond=None)
        print(f"{figure}: per operand and control bit, per sum bit, per idle sum bit, per bit with signs"
              f"{', per mW of the multiplier with signs' if used == 5 else ''}: "
              f"{', '.join(f'{c:.6g}' for c in coefficients)}")  # fmt: skip
        for label, group in (("fitted", fitted), ("tested", tested)):
            deviations = []
            for row in group:
                charged = row[multiplier] + float(np.dot(row[5][:used], coefficients))  # type: ignore[operator]
                deviations.append(100 * (charged / row[total] - 1))  # type: ignore[operator]
                print(f"  {label} {row[0]:22} signs {row[1]!s:5} sum {row[2]:2} {row[total]:9.4g}", end="")
                print(f" multiplier {row[multiplier]:8.4g} charged {deviations[-1]:+.1f} %")
            print(f"  {label}: largest deviation {max(map(abs, deviations)):.1f} %")


if __name__ == "__main__":
    main()
