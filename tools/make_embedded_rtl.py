"""Write circuits/rtl/*.v, the embedded multipliers, from the generator calls in tools/embedded_set.toml."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.circuits.generators.call import circuit_source, format_call, parse_call
from mulsmith.circuits.generators.registry import family_of, generate, resolve

ROOT = Path(__file__).resolve().parent.parent
SET_FILE = ROOT / "tools" / "embedded_set.toml"
FOLDER = ROOT / "circuits" / "rtl"


def read_set() -> dict[str, str]:
    """Return the full call of every embedded circuit by its name."""
    calls: dict[str, str] = {}
    with SET_FILE.open("rb") as file:
        document = tomllib.load(file)
    for prefix, section in document.items():
        shape = {key: section[key] for key in ("a_bits", "b_bits", "signed")}
        for group in ("front", "families"):
            for name, text in section.get(group, {}).items():
                family_name, parameters = parse_call(text)
                family = family_of(family_name)
                calls[f"{prefix}_{name}"] = format_call(family, *resolve(family, {**shape, **parameters}))
    return calls


def source_of(name: str, call: str) -> str:
    """Return the text of one embedded file, error metrics computed from its exhaustive simulation."""
    family_name, parameters = parse_call(call)
    netlist = generate(family_name, name=name, **parameters)
    errors = error_stats(simulate_lut(netlist)).to_json()
    metrics = {key: errors[key] for key in ("mae", "wce", "ep_percent", "mre_percent", "mse")}
    return circuit_source(netlist, family_of(family_name), call, metrics)


def main(folder: Path) -> None:
    """Write every file of the set into ``folder``, remove other Verilog files from it, say how many."""
    folder.mkdir(parents=True, exist_ok=True)
    calls = read_set()
    for name, call in calls.items():
        (folder / f"{name}.v").write_text(source_of(name, call), encoding="utf-8")
    for path in folder.glob("*.v"):
        if path.stem not in calls:
            path.unlink()
    print(f"{len(calls)} circuits written to {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
