"""Check a hand-off: its files against the manifest, then every output of the hardware by simulation."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mulsmith.codesign.handoff.manifest import read_folder
from mulsmith.codesign.handoff.memory_images import read_image
from mulsmith.codesign.handoff.simulators import Simulator, find_simulator
from mulsmith.errors import ConfigError, StoreError


@dataclass(frozen=True, slots=True)
class LayerCheck:
    """What the simulation of one layer gave.

    Attributes:
        layer: the layer's name.
        outputs: number of outputs compared.
        differing: how many differ from the emulation.
        first: the first that differs, in words; empty where none does.
    """

    layer: str
    outputs: int
    differing: int
    first: str = ""


def verify(
    folder: Path, simulator: str = "icarus", on_layer: Callable[[LayerCheck], None] = lambda check: None
) -> list[LayerCheck]:
    """Simulate every layer of an RTL hand-off and compare every output with what the emulation recorded.

    Args:
        folder: the hand-off; nothing is written there.
        simulator: ``icarus`` or ``verilator``.
        on_layer: told of every layer.

    Raises:
        StoreError: no hand-off, or files that are changed, missing or added, by name; or a simulation that
            does not end as it should.
        ToolError: the simulator is missing, too old, or failed.
    """
    manifest = read_folder(folder)
    if manifest["kind"] != "rtl":
        raise ConfigError(
            f"this is a hand-off of kind '{manifest['kind']}', which holds nothing to simulate", path=folder
        )
    tool = find_simulator(simulator)
    checks = []
    for entry in manifest["layers"]:
        check = _check_layer(folder, tool, entry["layer"], entry["module"], entry["out_bits"])
        on_layer(check)
        checks.append(check)
    return checks


def _check_layer(folder: Path, tool: Simulator, layer: str, module: str, bits: int) -> LayerCheck:
    name = module.removeprefix("test_")
    with tempfile.TemporaryDirectory(prefix="mulsmith-verify-") as place:
        work = Path(place)
        for part in ("rtl", "bench", "layers"):
            (work / part).symlink_to((folder / part).resolve())
        said = tool.run(work, module)
        try:
            got = read_image((work / f"results_{name}.hex").read_bytes(), bits)
        except (OSError, ValueError) as error:
            last = said.strip().rpartition("\n")[2]
            raise StoreError(f"the simulation of layer '{layer}' left no outputs; it said: {last}") from error
    expected = read_image((folder / "layers" / name / "expected.hex").read_bytes(), bits)
    return compare(layer, got, expected)


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
