"""Evolution of multipliers: (1 + lambda) Cartesian genetic programming with neutral drift.

After J. F. Miller, P. Thomson, EuroGP 2000, and Z. Vasicek, L. Sekanina, IEEE Trans. Evolutionary Computation
19(3), 2015; nodes are gates and whole adders, so that sharing between sum and carry survives.
"""

from __future__ import annotations

import ctypes
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mulsmith.circuits.cgp_genome import Genome, genome_of, is_valid, netlist_of
from mulsmith.circuits.cgp_library import COUNTERS, INFEASIBLE, NO_MEMORY, OK, CState, CTotals, cgp_library
from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.circuits.cgp_problem import AREA_STEPS_PER_UM2, Bounds, Costs, Problem
from mulsmith.circuits.netlist import Netlist
from mulsmith.errors import ConfigError, StoreError, ToolError
from mulsmith.storage import atomic_write

FORMAT = 1
TOGGLE = 0.1


@dataclass(frozen=True, slots=True)
class Settings:
    """How a search runs.

    Attributes:
        seed: of every random choice.
        offspring: lambda, offspring per generation.
        mutations: at most so many per offspring; each draws a gene anew or exchanges the nets at two pins.
        spare: idle nodes among those of the seed circuit.
        area_share: weight of area in the cost, relative to the seed circuit; the rest is power.
        toggle: probability with which input bits toggle, for the power; without it the operands of the
            search, or ``TOGGLE`` where it has none.
        pairs: pairs of inputs that the power estimate simulates, a multiple of 1024.
    """

    seed: int = 1
    offspring: int = 4
    mutations: int = 5
    spare: int = 0
    area_share: float = 0.5
    toggle: float | None = None
    pairs: int = 4096

    def __post_init__(self) -> None:
        limits = {"offspring": 1, "mutations": 1, "spare": 0, "seed": 0}
        for name, low in limits.items():
            if getattr(self, name) < low:
                raise ConfigError(f"{name} = {getattr(self, name)} is below {low}")
        if not 0 <= self.area_share <= 1:
            raise ConfigError(f"area_share = {self.area_share} is outside 0..1")


@dataclass(frozen=True, slots=True)
class Totals:
    """Figures of the best circuit so far, as the engine estimates them.

    Attributes:
        area_um2: sum of cell areas.
        power_uw: dynamic power at 1 GHz under the settings' input activity.
        mae: mean absolute error.
        ep_percent: share of wrong results, %.
        cost: what the search minimises, without unit.
    """

    area_um2: float
    power_uw: float
    mae: float
    ep_percent: float
    cost: int


class Search:
    """A search from a seed circuit; the same arguments and number of generations give the same circuit.

    Args:
        netlist: the seed circuit; it has to keep the bounds.
        bounds: what every accepted circuit keeps.
        costs: of the gates.
        settings: how to search.
        operands: what the multiplier meets, for ``weighted_mae`` and the power.
        kernel: a name of ``cgp_library().kernels``; the fastest without it. Results do not depend on it.

    Raises:
        ConfigError: the seed circuit exceeds a bound, or an argument does not fit.
        ToolError: the engine is not compiled, or the kernel does not run here.
    """

    def __init__(
        self,
        netlist: Netlist,
        bounds: Bounds,
        costs: Costs,
        settings: Settings | None = None,
        *,
        operands: OperandMix | None = None,
        kernel: str | None = None,
    ) -> None:
        self.settings = settings or Settings()
        random = np.random.Generator(np.random.PCG64(self.settings.seed))
        self._seed = netlist
        toggle = TOGGLE if self.settings.toggle is None and operands is None else self.settings.toggle
        self._problem = Problem(
            netlist,
            bounds,
            costs,
            operands=operands,
            toggle=toggle,
            pairs=self.settings.pairs,
            random=random,
        )
        self._kernel = _choose(kernel, self._problem)
        genome = genome_of(netlist, self.settings.spare, random)
        words = random.integers(1, 1 << 63, 4, dtype=np.uint64)
        self._set(genome, words, dict.fromkeys(COUNTERS, 0))
        self._measure()
        self._problem.weigh(self._state.totals.area, self._state.totals.power, self.settings.area_share)
        self._measure()

    @property
    def netlist(self) -> Netlist:
        """The best circuit so far."""
        return netlist_of(self._genome, self._seed)

    @property
    def totals(self) -> Totals:
        """Its figures."""
        totals, pairs = self._state.totals, self._problem.operand_pairs
        return Totals(
            area_um2=totals.area / AREA_STEPS_PER_UM2,
            power_uw=totals.power / 1000 / self._problem.pairs,
            mae=totals.abs_sum / pairs,
            ep_percent=100 * totals.wrong / pairs,
            cost=totals.cost,
        )

    @property
    def counters(self) -> dict[str, int]:
        """How many generations, offspring, simulations... there were."""
        return {name: getattr(self._state, name) for name in COUNTERS}

    def run(self, generations: int) -> None:
        """Run so many generations more.

        Raises:
            ConfigError: fewer than one generation.
        """
        if generations < 1:
            raise ConfigError(f"generations = {generations}, but at least 1 is needed")
        _check(
            cgp_library().run(
                self._problem.c, self._state, self._kernel, generations,
                self.settings.offspring, self.settings.mutations,
            )
        )  # fmt: skip

    def save(self, path: Path) -> None:
        """Write the state, atomically; ``restore`` continues from it as if there had been no break."""
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **self._state_arrays())
        atomic_write(path, buffer.getvalue())

    def restore(self, path: Path) -> None:
        """Take the state of a file that the same search wrote.

        Raises:
            StoreError: no such file, or the state of another search.
        """
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                state = {name: file[name] for name in ("format", "nodes", "outputs", "random", "counters")}
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise StoreError(f"no state of a search: {error}", path=path) from error
        forms = {name: (array.dtype, array.shape) for name, array in state.items()}
        genome = Genome(state["nodes"], state["outputs"])
        if forms != {name: (array.dtype, array.shape) for name, array in self._state_arrays().items()}:
            raise StoreError("the state belongs to another search", path=path)
        if int(state["format"]) != FORMAT or not is_valid(genome, self._seed) or not state["random"].any():
            raise StoreError("the state is damaged", path=path)
        counters = dict(zip(COUNTERS, state["counters"].tolist(), strict=True))
        self._set(genome, state["random"], counters)
        self._measure()

    def _state_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        return {
            "format": np.array(FORMAT, dtype=np.int64),
            "nodes": self._genome.nodes,
            "outputs": self._genome.outputs,
            "random": np.array(list(self._state.random), dtype=np.uint64),
            "counters": np.array(list(self.counters.values()), dtype=np.int64),
        }

    def _set(self, genome: Genome, random: npt.NDArray[np.uint64], counters: dict[str, int]) -> None:
        self._genome = genome
        self._state = CState(
            node_count=len(genome.nodes),
            nodes=genome.nodes.ctypes.data,
            outputs=genome.outputs.ctypes.data,
            random=(ctypes.c_uint64 * 4)(*random.tolist()),
            totals=CTotals(),
            **counters,
        )

    def _measure(self) -> None:
        _check(cgp_library().measure(self._problem.c, self._state, self._kernel))


def _choose(kernel: str | None, problem: Problem) -> int:
    kernels = cgp_library().kernels(problem.c.words)
    if kernel is None:
        return next(iter(kernels.values()))
    if kernel not in kernels:
        raise ToolError(
            f"the kernel '{kernel}' does not run here", remedy=f"choose one of {', '.join(kernels)}"
        )
    return kernels[kernel]


def _check(status: int) -> None:
    if status == OK:
        return
    if status == INFEASIBLE:
        raise ConfigError(
            "the seed circuit exceeds a bound", remedy="loosen the bounds or choose a more exact seed"
        )
    raise ToolError("memory ran out" if status == NO_MEMORY else "the engine's kernel does not run here")
