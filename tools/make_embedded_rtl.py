"""Write circuits/rtl/*.v: the embedded multipliers, each from the generator call in its header."""

from __future__ import annotations

import sys
from pathlib import Path

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.circuits.generators.call import circuit_source, format_call, parse_call
from mulsmith.circuits.generators.registry import family_of, generate, resolve

FOLDER = Path(__file__).resolve().parent.parent / "circuits" / "rtl"

SET = {
    "mul8x8u_dadda": "dadda()",
    "mul8x8u_trunc3": "truncated(cut=3)",
    "mul8x8u_trunc5_cc": "truncated(cut=5, correction=constant)",
    "mul8x8u_trunc6_vc": "truncated(cut=6, correction=variable)",
    "mul8x8u_trunc7": "truncated(cut=7)",
    "mul8x8u_trunc8_cc": "truncated(cut=8, correction=constant)",
    "mul8x8u_bam8_2": "broken_array(vbl=8, hbl=2)",
    "mul8x8u_bam9_3": "broken_array(vbl=9, hbl=3)",
    "mul8x8u_kulkarni": "kulkarni()",
    "mul8x8u_loa6": "lower_or(lower=6)",
    "mul8x8u_loa8": "lower_or(lower=8)",
    "mul8x4u_dadda": "dadda(b_bits=4)",
    "mul8x4u_trunc4_cc": "truncated(b_bits=4, cut=4, correction=constant)",
    "mul8x8s_dadda": "dadda(signed=true)",
    "mul8x8s_trunc5_vc": "truncated(signed=true, cut=5, correction=variable)",
    "mul8x8s_trunc7_vc": "truncated(signed=true, cut=7, correction=variable)",
    "mul8x8s_loa7": "lower_or(signed=true, lower=7)",
}


def source_of(name: str, call: str) -> str:
    """Return the text of one embedded file, error metrics computed from its exhaustive simulation."""
    family_name, parameters = parse_call(call)
    family = family_of(family_name)
    shape, own = resolve(family, parameters)
    netlist = generate(family_name, name=name, **parameters)
    errors = error_stats(simulate_lut(netlist)).to_json()
    metrics = {key: errors[key] for key in ("mae", "wce", "ep_percent", "mre_percent", "mse")}
    return circuit_source(netlist, family, format_call(family, shape, own), metrics)


def main(folder: Path) -> None:
    """Write every file of the set into ``folder`` and say how many."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, call in SET.items():
        (folder / f"{name}.v").write_text(source_of(name, call), encoding="utf-8")
    print(f"{len(SET)} circuits written to {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
