"""The assignment methods by name: each one builds a searcher from the same problem and its own options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field

from mulsmith.search import agn, qos_search
from mulsmith.search.greedy import GreedyAssignment
from mulsmith.search.nsga2 import Nsga2
from mulsmith.search.operands import NetworkOperands
from mulsmith.search.predicted import PredictedAssignment
from mulsmith.search.problem import AssignmentProblem, Floats, Listed, Method
from mulsmith.search.registry import Registry
from mulsmith.search.searcher import Searcher
from mulsmith.search.space import AssignmentSpace
from mulsmith.search.trial import Candidate, Trial
from mulsmith.toml_file import Section


class AlwannOptions(Section):
    """ALWANN (Mrazek et al., ICCAD 2019)."""

    population: int = Field(default=20, ge=2)
    offspring: int = Field(default=20, ge=1)
    generations: int = Field(default=29, ge=0, description="after the initial population")
    tiles: int = Field(default=0, ge=0, description="kinds of PE; 0 is one per layer")
    initial: tuple[dict[str, str], ...] = Field(
        default=(), description="assignments to begin with beside the exact one, layer = multiplier"
    )
    seed: int = Field(default=0, ge=0)


class AssignOptions(Section):
    """The predicted front, verified by emulation."""

    budget: int = Field(default=60, ge=1)
    probes: int = Field(default=1, ge=1)
    rounds: int = Field(default=10, ge=1)
    tiles: int = Field(default=0, ge=0, description="kinds of PE; 0 is one per layer")


class GreedyOptions(Section):
    """One layer after the other under an accuracy bound."""

    max_loss_pp: float = Field(default=1.0, ge=0, le=100)
    shortlist: int = Field(default=12, ge=1)
    margin: float = Field(default=1.0, ge=0, description="least standard errors clear of the bound")


class UniformOptions(Section):
    """Every multiplier in all layers at once."""


METHODS = Registry[Method]("search method")


def predicted_errors(
    operands: NetworkOperands, library: Mapping[str, Any], layers: tuple[str, ...], **correction: Any
) -> Floats:
    """Return the relative error of every layer and multiplier, [layers, multipliers]."""
    errors = operands.errors(library, layers, **correction)
    return np.array([[errors[layer][name].std for name in library] for layer in layers])


def _alwann(problem: AssignmentProblem, options: AlwannOptions) -> Searcher:
    exact = dict.fromkeys(problem.layers, problem.baseline)
    space = AssignmentSpace(problem.layers, problem.multipliers, options.tiles or len(problem.layers))
    return Nsga2(
        space,
        problem.objectives,
        population=options.population,
        offspring=options.offspring,
        generations=options.generations,
        seed=options.seed,
        initial=[{"layers": layers} for layers in (exact, *options.initial)],
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
        depth=problem.depth,
        saved_pj=problem.saved_pj,
    )


def _greedy(problem: AssignmentProblem, options: GreedyOptions) -> Searcher:
    return GreedyAssignment(
        layers=problem.layers,
        multipliers=problem.multipliers,
        baseline=problem.baseline,
        layer_energy_pj=problem.layer_energy(),
        max_loss=options.max_loss_pp / 100,
        shortlist=options.shortlist,
        images=problem.images,
        margin=options.margin,
    )


def _uniform(problem: AssignmentProblem, options: UniformOptions) -> Searcher:
    genomes = [{"layers": dict.fromkeys(problem.layers, name)} for name in problem.multipliers]
    return Listed(tuple(Trial(Candidate(genome, "uniform")) for genome in genomes))


METHODS.register("agn", agn.METHOD)
METHODS.register("alwann", Method(AlwannOptions, _alwann, "uniform", False))
METHODS.register("assign", Method(AssignOptions, _assign, "histogram", True))
METHODS.register("greedy", Method(GreedyOptions, _greedy))
METHODS.register("qos", qos_search.METHOD)
METHODS.register("uniform", Method(UniformOptions, _uniform))
