"""The Verilog simulators that a hand-off can be checked with."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mulsmith.errors import ConfigError, ToolError

TIME_LIMIT_S = 3600.0
_VERILATOR_MAJOR = 5


@dataclass(frozen=True, slots=True)
class Simulator:
    """A simulator.

    Attributes:
        name: what it is called on the command line.
        commands: (top module, sources) -> commands to compile and to run, in order.
    """

    name: str
    commands: Callable[[str, Sequence[str]], list[list[str]]]

    def run(self, work: Path, module: str) -> str:
        """Simulate one bench in a folder that has ``rtl``, ``bench`` and ``layers``; return what it printed.

        Raises:
            ToolError: it failed or reached the time limit.
        """
        patterns = ("rtl/*.v", "rtl/multipliers/*.v", "bench/bench_*.v", f"bench/{module}.v")
        sources = [path.relative_to(work).as_posix() for p in patterns for path in sorted(work.glob(p))]
        said = ""
        for command in self.commands(module, sources):
            try:
                done = subprocess.run(  # noqa: S603  no shell; the names come from a checked manifest
                    command, cwd=work, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False
                )
            except subprocess.TimeoutExpired as error:
                raise ToolError(f"{self.name} was ended by its time limit of {TIME_LIMIT_S:g} s") from error
            said = done.stdout + done.stderr
            if done.returncode != 0:
                raise ToolError(f"{self.name} failed on {module}: {first_error(said)}")
        return said


def find_simulator(name: str) -> Simulator:
    """Return a simulator that is installed.

    Raises:
        ConfigError: unknown name.
        ToolError: it is missing or too old.
    """
    if name == "icarus":
        _require("iverilog", "Icarus Verilog", "iverilog")
        _require("vvp", "Icarus Verilog", "iverilog")
        return Simulator(name, _icarus)
    if name == "verilator":
        _require("verilator", "Verilator", "verilator")
        done = subprocess.run(["verilator", "--version"], capture_output=True, text=True, check=False)  # noqa: S607
        version = re.search(r"Verilator (\d+)", done.stdout)
        if version is None or int(version[1]) < _VERILATOR_MAJOR:
            raise ToolError(
                f"this Verilator is too old: {done.stdout.strip() or 'no version'}",
                remedy="install Verilator 5 or newer, or use --simulator icarus",
            )
        return Simulator(name, _verilator)
    raise ConfigError(f"there is no simulator '{name}'", remedy="use icarus or verilator")


def _require(program: str, what: str, package: str) -> None:
    if shutil.which(program) is None:
        raise ToolError(f"{what} is not installed", remedy=f"install it: apt install {package}")


def _icarus(module: str, sources: Sequence[str]) -> list[list[str]]:
    compiled = ["iverilog", "-g2005", "-I", "bench", "-s", module, "-o", "simulation", *sources]
    return [compiled, ["vvp", "-n", "simulation"]]


def _verilator(module: str, sources: Sequence[str]) -> list[list[str]]:
    options = ["--binary", "--timing", "-Wno-lint", "-Wno-style", "-Wno-fatal", "-Ibench", "-j", "1"]
    compiled = [
        "verilator",
        *options,
        "--top-module",
        module,
        "--Mdir",
        "build",
        "-o",
        "simulation",
        *sources,
    ]
    return [compiled, ["build/simulation"]]


def first_error(said: str) -> str:
    """Return the line of a tool's output that names an error, else the last one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "rror" in line), lines[-1] if lines else "it said nothing")
