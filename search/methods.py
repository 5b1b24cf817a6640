"""The assignment methods by name: each one builds a searcher from the same problem and its own options."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import Field

from mulsmith.errors import ConfigError
from mulsmith.search.greedy import GreedyAssignment
from mulsmith.search.nsga2 import Nsga2
from mulsmith.search.objective import Ledger, Objective
from mulsmith.search.operands import NetworkOperands
from mulsmith.search.predicted import Floats, PredictedAssignment
from mulsmith.search.searcher import Searcher
from mulsmith.search.space import AssignmentSpace
from mulsmith.toml_file import Section

OBJECTIVES = (Objective("accuracy", "max"), Objective.energy(Ledger.ALL))


@dataclass(frozen=True, slots=True, eq=False)
class AssignmentProblem:
    """What every assignment method starts from.

    Attributes:
        layers: layer names in network order.
        multipliers: names to choose from.
        baseline: the exact multiplier among them.
        energy_pj: energy of the layers' multiplications, [layers, multipliers].
        predict: returns the predicted error relative to the layer's output, the same shape; called only by
            methods that need it.
    """

    layers: tuple[str, ...]
    multipliers: tuple[str, ...]
    baseline: str
    energy_pj: Floats
    predict: Callable[[], Floats]

    def __post_init__(self) -> None:
        if self.baseline not in self.multipliers:
            raise ConfigError(f"the baseline '{self.baseline}' is not among the multipliers")

    def layer_energy(self) -> dict[str, dict[str, float]]:
        """Return layer -> multiplier -> pJ."""
        rows = zip(self.layers, self.energy_pj.tolist(), strict=True)
        return {layer: dict(zip(self.multipliers, row, strict=True)) for layer, row in rows}


class AlwannOptions(Section):
    """ALWANN (Mrazek et al., ICCAD 2019)."""

    population: int = Field(default=20, ge=2)
    offspring: int = Field(default=20, ge=1)
    generations: int = Field(default=29, ge=0, description="after the initial population")
    tiles: int = Field(default=0, ge=0, description="kinds of PE; 0 is one per layer")
    seed: int = Field(default=0, ge=0)


class AssignOptions(Section):
    """The predicted front, verified by emulation."""

    budget: int = Field(default=60, ge=1)
    probes: int = Field(default=2, ge=1)
    rounds: int = Field(default=4, ge=1)
    tiles: int = Field(default=0, ge=0, description="kinds of PE; 0 is one per layer")


class GreedyOptions(Section):
    """One layer after the other under an accuracy bound."""

    max_loss_pp: float = Field(default=1.0, ge=0, le=100)
    shortlist: int = Field(default=12, ge=1)


class UniformOptions(Section):
    """Every multiplier in all layers at once."""


Builder = Callable[[AssignmentProblem, Any], Searcher]


@dataclass(frozen=True, slots=True)
class Method:
    """A search method: its options, its builder and the corrections that it evaluates with by default.

    Attributes:
        options: schema of the method's section in a configuration.
        build: problem and options -> searcher.
        mapping: weight map: ``none``, ``uniform`` or ``histogram``.
        bias: whether the mean error of every channel is taken out.
    """

    options: type[Section]
    build: Builder
    mapping: str
    bias: bool


METHODS: dict[str, Method] = {}


def register(name: str, method: Method) -> None:
    """Add a method.

    Raises:
        ConfigError: the name is taken.
    """
    if name in METHODS:
        raise ConfigError(f"a search method named '{name}' is registered already")
    METHODS[name] = method


def method_named(name: str) -> Method:
    """Return a method.

    Raises:
        ConfigError: unknown name.
    """
    if name not in METHODS:
        near = difflib.get_close_matches(name, METHODS, n=1)
        raise ConfigError(
            f"no search method is named '{name}'",
            remedy=f"did you mean '{near[0]}'?" if near else f"use one of {', '.join(METHODS)}",
        )
    return METHODS[name]


def predicted_errors(
    operands: NetworkOperands, library: Mapping[str, Any], layers: tuple[str, ...], **correction: Any
) -> Floats:
    """Return the relative error of every layer and multiplier, [layers, multipliers]."""
    errors = operands.errors(library, layers, **correction)
    return np.array([[errors[layer][name].std for name in library] for layer in layers])


def _alwann(problem: AssignmentProblem, options: AlwannOptions) -> Searcher:
    space = AssignmentSpace(problem.layers, problem.multipliers, options.tiles or len(problem.layers))
    return Nsga2(
        space,
        OBJECTIVES,
        population=options.population,
        offspring=options.offspring,
        generations=options.generations,
        seed=options.seed,
        initial=[{"layers": dict.fromkeys(problem.layers, problem.baseline)}],
    )


def _assign(problem: AssignmentProblem, options: AssignOptions) -> Searcher:
    return PredictedAssignment(
        problem.layers,
        problem.multipliers,
        problem.baseline,
        problem.energy_pj,
        problem.predict(),
        budget=options.budget,
        probes=options.probes,
        rounds=options.rounds,
        tiles=options.tiles or None,
    )


def _greedy(problem: AssignmentProblem, options: GreedyOptions) -> Searcher:
    return GreedyAssignment(
        layers=problem.layers,
        multipliers=problem.multipliers,
        baseline=problem.baseline,
        layer_energy_pj=problem.layer_energy(),
        max_loss=options.max_loss_pp / 100,
        shortlist=options.shortlist,
    )


def _uniform(problem: AssignmentProblem, options: UniformOptions) -> Searcher:
    space = AssignmentSpace(problem.layers, problem.multipliers, 1)
    initial = [{"layers": dict.fromkeys(problem.layers, name)} for name in problem.multipliers]
    count = max(2, len(initial))
    return Nsga2(space, OBJECTIVES, population=count, offspring=1, generations=0, initial=initial)


register("alwann", Method(AlwannOptions, _alwann, "uniform", False))
register("assign", Method(AssignOptions, _assign, "histogram", True))
register("greedy", Method(GreedyOptions, _greedy, "none", False))
register("uniform", Method(UniformOptions, _uniform, "none", False))
