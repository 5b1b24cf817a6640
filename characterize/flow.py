"""From a netlist to area, delay and power: synthesis, static timing and power in one call."""

from __future__ import annotations

from mulsmith.characterize.activity import Activity, Toggle
from mulsmith.characterize.instances import area_um2
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.power import estimate_power
from mulsmith.characterize.record import SynthesisReport
from mulsmith.characterize.synthesis import synthesize
from mulsmith.characterize.timing import analyze
from mulsmith.circuits.netlist import Netlist
from mulsmith.circuits.yosys import Limits

DEFAULT_ACTIVITY = Toggle(0.1)


def synthesis_report(
    netlist: Netlist,
    liberty: Liberty,
    activity: Activity = DEFAULT_ACTIVITY,
    clock_ghz: float = 1.0,
    *,
    limits: Limits | None = None,
) -> SynthesisReport:
    """Synthesise a circuit and return its figures.

    Args:
        netlist: the circuit, two operands.
        liberty: the cells.
        activity: what the operands do, for the dynamic power.
        clock_ghz: operations per nanosecond, for the dynamic power.
        limits: time and memory of each tool run.

    Raises:
        LibertyError, ToolError, NetlistError: as ``synthesize``.
        ConfigError: the activity does not fit the circuit, or the clock is not positive.
    """
    return report_mapped(synthesize(netlist, liberty, limits=limits), liberty, activity, clock_ghz)


def report_mapped(
    mapped: MappedNetlist, liberty: Liberty, activity: Activity = DEFAULT_ACTIVITY, clock_ghz: float = 1.0
) -> SynthesisReport:
    """Return the figures of a circuit that is mapped already; arguments as for ``synthesis_report``."""
    timing = analyze(mapped, liberty)
    power = estimate_power(mapped, liberty, timing, activity, clock_ghz)
    return SynthesisReport(
        area_um2=area_um2(mapped, liberty),
        delay_ns=timing.delay_ns,
        power_mw=power.total_mw,
        power_dynamic_mw=power.dynamic_mw,
        power_leakage_mw=power.leakage_mw,
        cells=mapped.cell_counts(),
        liberty=liberty.name,
        clock_ghz=clock_ghz,
        activity=activity.describe(),
        flow=mapped.flow,
    )
