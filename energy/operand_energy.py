"""Energy of a multiplication with a layer's own operands: power tables joined with operand histograms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mulsmith.energy.multipliers import Convention
from mulsmith.energy.operands import Form, OperandHistograms

if TYPE_CHECKING:
    from mulsmith.characterize.activity import Stationary
    from mulsmith.characterize.liberty import Liberty
    from mulsmith.characterize.library import Library


def operand_energies(
    library: Library,
    names: Iterable[str],
    layers: Mapping[str, Stationary],
    operands: OperandHistograms,
    convention: Convention = "pdp",
    liberty: Liberty | None = None,
) -> dict[tuple[str, str], float]:
    """Return (layer, multiplier) -> energy of one multiplication with the operands of the layer, in pJ.

    Args:
        library: where the circuits are; each is mapped to cells once, then kept in the user's cache.
        names: the multipliers.
        layers: layer -> the operand that stays in the array while the other changes, or None.
        operands: histograms of the layers' operands.
        convention: ``pdp`` is power x delay; ``shared_clock`` is the energy of one period of the clock that
            the circuit's synthesis figures refer to.
        liberty: the cells that the library was characterized with; the embedded ones without it.

    Raises:
        StoreError: the library lacks a circuit or its netlist.
        LibertyError: its figures are for other cells.
        ConfigError: a layer or a form of operands has no histograms.
    """
    from mulsmith.characterize.circuit_power import circuit_power

    energies: dict[tuple[str, str], float] = {}
    for name in names:
        entry = library.entry(name)
        form = Form(entry.a_bits, entry.b_bits, entry.signed)
        found = {layer: operands.of(layer, form) for layer in layers}
        circuit = circuit_power(library, name, liberty)
        duration_ns = circuit.delay_ns if convention == "pdp" else 1.0 / circuit.clock_ghz
        for layer, stationary in layers.items():
            energies[layer, name] = circuit.power(*found[layer], stationary).total_mw * duration_ns
    return energies
