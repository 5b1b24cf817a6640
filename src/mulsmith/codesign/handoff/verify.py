"""Check a hand-off: its files against the manifest, then every output of hardware or firmware."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from mulsmith.codesign.handoff.manifest import read_folder
from mulsmith.codesign.handoff.memory_images import read_image
from mulsmith.codesign.handoff.simulators import find_simulator, first_error
from mulsmith.errors import StoreError, ToolError

COMPILERS = ("cc", "gcc", "clang")
COMPILE_OPTIONS = ("-std=c99", "-O2", "-ffp-contract=off")


@dataclass(frozen=True, slots=True)
class LayerCheck:
    """What one layer gave.

    Attributes:
        layer: the layer's name; ``network`` for the whole network.
        outputs: number of outputs compared.
        differing: how many differ from the emulation.
        first: the first that differs, in words; empty where none does.
    """

    layer: str
    outputs: int
    differing: int
    first: str = ""


OnLayer = Callable[[LayerCheck], None]


def verify(
    folder: Path, simulator: str = "icarus", on_layer: OnLayer = lambda check: None
) -> list[LayerCheck]:
    """Run what a hand-off holds and compare every output with what the emulation recorded.

    RTL is simulated and C compiled; of other kinds only the files are compared with the manifest.

    Args:
        folder: the hand-off; nothing is written there.
        simulator: of RTL: ``icarus`` or ``verilator``.
        on_layer: told of every layer.

    Raises:
        StoreError: no hand-off, or files that are changed, missing or added, by name; or a program that does
            not end as it should.
        ToolError: the simulator or compiler is missing, too old, or failed.
    """
    manifest = read_folder(folder)
    if manifest["kind"] == "rtl":
        return _simulate(folder, manifest, simulator, on_layer)
    if manifest["kind"] == "c":
        return _run_program(folder, manifest, on_layer)
    return []


def _simulate(
    folder: Path, manifest: Mapping[str, Any], simulator: str, on_layer: OnLayer
) -> list[LayerCheck]:
    tool = find_simulator(simulator)
    checks = []
    for module, entries in groupby(manifest["layers"], itemgetter("module")):
        with tempfile.TemporaryDirectory(prefix="mulsmith-verify-") as place:
            work = Path(place)
            for part in ("rtl", "bench", "layers"):
                (work / part).symlink_to((folder / part).resolve())
            said = tool.run(work, module)
            for entry in entries:
                checks.append(_compared(folder, work, entry, said))
                on_layer(checks[-1])
    return checks


def _compared(folder: Path, work: Path, entry: Mapping[str, Any], said: str) -> LayerCheck:
    """Return how what a simulation left of a layer compares with the emulation."""
    layer, name, bits = entry["layer"], entry["name"], entry["out_bits"]
    try:
        got = read_image((work / f"results_{name}.hex").read_bytes(), bits)
    except (OSError, ValueError) as error:
        left = "undefined outputs" if isinstance(error, ValueError) else "no outputs"
        raise StoreError(
            f"the simulation of layer '{layer}' left {left}; it said: {first_error(said)}"
        ) from error
    return compare(layer, got, read_image((folder / "layers" / name / "expected.hex").read_bytes(), bits))


def compare(layer: str, got: list[int], expected: list[int]) -> LayerCheck:
    """Return how outputs compare with the emulation; missing ones count as different."""
    pairs = list(zip(got, expected, strict=False))
    wrong = [k for k, (own, wanted) in enumerate(pairs) if own != wanted]
    missing = abs(len(expected) - len(got))
    first = ""
    if wrong:
        first = f"output {wrong[0]} is {got[wrong[0]]} instead of {expected[wrong[0]]}"
    elif missing:
        first = f"there are {len(got)} outputs instead of {len(expected)}"
    return LayerCheck(layer, len(expected), len(wrong) + missing, first)


def _run_program(folder: Path, manifest: Mapping[str, Any], on_layer: OnLayer) -> list[LayerCheck]:
    compiler = next((found for name in COMPILERS if (found := shutil.which(name))), None)
    if compiler is None:
        raise ToolError("there is no C compiler", remedy="install one: apt install gcc")
    with tempfile.TemporaryDirectory(prefix="mulsmith-verify-") as place:
        program, source = Path(place) / "check", folder.resolve() / "check.c"
        command = [compiler, *COMPILE_OPTIONS, "-o", str(program), str(source), "-lm"]
        compiled = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  no shell
        if compiled.returncode != 0:
            raise ToolError(f"{compiler} failed: {first_error(compiled.stderr)}", path=folder / "check.c")
        done = subprocess.run([str(program)], capture_output=True, text=True, check=False)  # noqa: S603
    lines = [line.split() for line in done.stdout.splitlines()]
    if done.returncode not in (0, 1) or len(lines) != len(manifest["layers"]):
        raise StoreError(f"the check ended with exit code {done.returncode}", path=folder / "check.c")
    checks = []
    for entry, (_, _, outputs, wrong) in zip(manifest["layers"], lines, strict=True):
        first = "the program says so" if int(wrong) else ""
        checks.append(LayerCheck(entry["layer"], int(outputs), int(wrong), first))
        on_layer(checks[-1])
    return checks
