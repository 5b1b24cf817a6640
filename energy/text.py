"""The account of a network as plain text: per layer, per component, and the savings."""

from __future__ import annotations

from mulsmith.energy.results import NetworkEnergy


def format_account(account: NetworkEnergy) -> str:
    """Return the text table that ``mulsmith energy`` prints."""
    lines = [
        f"{account.network} on {account.accelerator} at {account.clock_mhz:g} MHz, table {account.table}, "
        f"multiplications by {account.convention}",
        "",
        *_layers(account),
        "",
        *_components(account),
        *_areas(account),
    ]
    if account.savings is not None:
        low, high = account.savings.band
        tables = ", ".join(f"{name} {value:.2f} %" for name, value in account.savings.by_table.items())
        lines += [
            "",
            f"multipliers: {account.multiplier_share:.1%} of the network's energy under {account.table}",
            f"saved against {account.savings.baseline} in all layers:",
            f"  multiplications only  {account.savings.multiplier_percent:.2f} %",
            f"  whole system          {account.savings.system_percent:.2f} %  ({account.table})",
            f"  band over tables      {low:.2f} .. {high:.2f} %" + (f"  ({tables})" if tables else ""),
        ]
    return "\n".join([*lines, *(f"note: {note}" for note in account.notes)]) + "\n"


def _layers(account: NetworkEnergy) -> list[str]:
    width = max(5, *(len(layer.name) for layer in account.layers))
    names = max(10, *(len(layer.multiplier) for layer in account.layers))
    head = f"{'layer':{width}} {'multiplier':{names}} {'MMACs':>9} {'uJ':>10} {'mult.':>6}"
    head += f" {'kcycles':>9} {'busy':>6}"
    rows = [
        f"{layer.name:{width}} {layer.multiplier:{names}} {layer.macs / 1e6:9.3f} "
        f"{layer.energy_pj / 1e6:10.3f} {layer.by_component['multiplier'] / layer.energy_pj:6.1%} "
        f"{layer.cycles / 1e3:9.1f} {layer.utilisation:6.1%}"
        for layer in account.layers
    ]
    macs = sum(layer.macs for layer in account.layers)
    total = (
        f"{'total':{width}} {'':{names}} {macs / 1e6:9.3f} {account.total_pj / 1e6:10.3f} "
        f"{account.multiplier_share:6.1%} {account.latency_cycles / 1e3:9.1f}"
    )
    return [head, *rows, total]


def _areas(account: NetworkEnergy) -> list[str]:
    elements = account.element_area_um2
    if not account.storage_area_um2 and not elements:
        return []
    areas = {"multipliers": account.multiplier_area_um2, "rest of the PEs": elements}
    areas |= account.storage_area_um2
    listed = ", ".join(f"{name} {area / 1e6:.4f}" for name, area in areas.items() if area)
    return ["", f"area in mm2: {listed}"]


def _components(account: NetworkEnergy) -> list[str]:
    by_component = {name: energy for name, energy in account.by_component.items() if energy > 0}
    width = max(len(name) for name in by_component)
    return [
        f"{name:{width}} {energy / 1e6:10.3f} uJ {energy / account.total_pj:6.1%}"
        for name, energy in by_component.items()
    ]
