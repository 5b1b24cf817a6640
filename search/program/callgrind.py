"""Counts instructions, cache misses and mispredictions of a region and of its program with Callgrind.

The C sources of ``native/`` are compiled with pinned options and run under Valgrind with pinned caches. Each
figure is the difference of a long and a short run, so that start-up, input and cold caches drop out.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import mulsmith.search.program
from mulsmith.errors import ToolError
from mulsmith.search.program.applications import APPLICATIONS, DATA_SEED
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.kernels import kernel_named

COMPILE = ("-O2", "-g", "-fno-inline-functions")
SIMULATE = (
    "--tool=callgrind", "--cache-sim=yes", "--branch-sim=yes",
    "--I1=32768,8,64", "--D1=32768,8,64", "--LL=6291456,24,64",
)  # fmt: skip
CALLS, SHORT, LONG = 250, 1, 3
TIME_LIMIT_S = 300


@dataclass(frozen=True, slots=True)
class Counts:
    """What some code does, per call of a region or per run of a program.

    Attributes:
        instructions: executed.
        l1_misses: of the first-level caches, instructions and data.
        ll_misses: of the last level; they are among ``l1_misses``.
        mispredictions: of conditional and indirect branches.
    """

    instructions: float
    l1_misses: float
    ll_misses: float
    mispredictions: float


@dataclass(frozen=True, slots=True)
class RegionCounts:
    """The counts of one kernel.

    Attributes:
        call: one call of the region, caches warm.
        program: one run of its program.
        within: the part of ``program`` that is spent in the region.
        source: where the figures are from.
    """

    call: Counts
    program: Counts
    within: Counts
    source: str

    @property
    def calls(self) -> float:
        """Calls of the region in one run of its program, by instructions."""
        return self.within.instructions / self.call.instructions


def count_kernel(name: str) -> RegionCounts:
    """Count one of the seven kernels.

    Raises:
        ToolError: there is no C compiler or no Valgrind, or one of them failed.
    """
    compiler, valgrind = (_tool(tool) for tool in ("cc", "valgrind"))
    kernel, program = kernel_named(name), APPLICATIONS[name]
    rng = np.random.default_rng(DATA_SEED)
    data, calls = program.make(rng), kernel.sampler(rng, CALLS)
    with TemporaryDirectory() as folder:
        binary = Path(folder, "program")
        sources = [_source("applications.c"), _source("regions.c")]
        _call([compiler, *COMPILE, "-o", str(binary), *map(str, sources), "-lm"], b"")
        symbol = f"mulsmith_{name}"

        def difference(what: str, count: int, values: Floats, toggle: str | None) -> Counts:
            runs = [
                _callgrind(valgrind, [str(binary), what, str(count), str(n)], values, toggle, Path(folder))
                for n in (SHORT, LONG)
            ]
            return Counts(*((b - a) / (LONG - SHORT) for a, b in zip(*runs, strict=True)))

        region = difference(f"region:{name}", CALLS, calls, symbol)
        whole = difference(name, program.count(data), data, None)
        within = difference(name, program.count(data), data, symbol)
    per_call = Counts(*(value / CALLS for value in asdict(region).values()))
    return RegionCounts(
        per_call, whole, within, f"callgrind of {_version(valgrind)}, {_version(compiler)} -O2"
    )


def _callgrind(
    valgrind: str, command: list[str], values: Floats, toggle: str | None, folder: Path
) -> tuple[float, ...]:
    out = folder / "callgrind.out"
    only = [] if toggle is None else [f"--toggle-collect={toggle}"]
    _call([valgrind, *SIMULATE, *only, f"--callgrind-out-file={out}", *command], values.tobytes())
    return read_totals(out)


def read_totals(path: Path) -> tuple[float, ...]:
    """Return instructions, first-level misses, last-level misses and mispredictions of a Callgrind file.

    Raises:
        ToolError: it lacks the events or their totals.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    events, totals = (re.search(rf"^{word}: (.*)$", text, re.MULTILINE) for word in ("events", "totals"))
    if events is None or totals is None:
        raise ToolError("holds no totals", path=path, remedy="use Valgrind 3.13 or newer")
    # Trailing zeros are left out of the totals.
    found = dict.fromkeys(events[1].split(), 0.0)
    found.update(zip(events[1].split(), map(float, totals[1].split()), strict=False))
    groups = ("Ir",), ("I1mr", "D1mr", "D1mw"), ("ILmr", "DLmr", "DLmw"), ("Bcm", "Bim")
    if missing := sorted({event for group in groups for event in group} - set(found)):
        raise ToolError(f"lacks the events {', '.join(missing)}", path=path)
    return tuple(sum(found[event] for event in group) for group in groups)


def _source(name: str) -> Path:
    for place in mulsmith.search.program.__path__:
        if (path := Path(place) / "native" / name).is_file():
            return path
    raise ToolError(f"the package lacks native/{name}", remedy="reinstall mulsmith")


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ToolError(f"{name} was not found", remedy="install a C compiler and valgrind")
    return found


def _version(tool: str) -> str:
    return _call([tool, "--version"], b"").splitlines()[0].strip()


def _call(command: list[str], data: bytes) -> str:
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=TIME_LIMIT_S)  # noqa: S603 - own files
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"{Path(command[0]).name} failed: {error}") from error
    if done.returncode:
        raise ToolError(f"{Path(command[0]).name} failed: {done.stderr.decode(errors='replace')[-300:]}")
    return done.stdout.decode(errors="replace")
