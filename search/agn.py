"""``agn``: learn how much noise each layer stands, match multipliers to it, retrain (agn-approx, 2022).

One noise is learned per reward weight (lambda); each scale of it gives one assignment. The exact network is
retrained along with them, so that a gain of retraining alone is not taken for one of the assignment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from mulsmith.search.noise import NoiseRecipe, match
from mulsmith.search.problem import AssignmentProblem, Listed, Method
from mulsmith.search.searcher import Searcher
from mulsmith.search.trial import Candidate, Trial
from mulsmith.toml_file import Section


class NoiseOptions(Section):
    """How the noise of the layers is learned."""

    mode: Literal["sigma", "joint"] = Field(default="sigma", description="joint trains the weights as well")
    sigma_max: float = Field(default=0.5, gt=0, description="noise beyond it earns nothing")
    sigma_init: float = Field(default=0.05, ge=0)
    noise_epochs: int = Field(default=10, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0, description="of the weights in mode joint")
    sigma_rate: float = Field(default=5e-2, gt=0, description="learning rate of the noise")
    batch: int = Field(default=64, ge=1)
    detach_std: bool = Field(default=False, description="std(y) counts as a constant in the gradient")
    seed: int = Field(default=0, ge=0)

    def recipe(self, weight: float) -> NoiseRecipe:
        """Return the recipe for one reward weight."""
        return NoiseRecipe(
            weight=weight,
            sigma_max=self.sigma_max,
            sigma_init=self.sigma_init,
            mode=self.mode,
            epochs=self.noise_epochs,
            learning_rate=self.learning_rate,
            sigma_rate=self.sigma_rate,
            batch=self.batch,
            detach_std=self.detach_std,
            seed=self.seed,
        )


class AgnOptions(NoiseOptions):
    """agn-approx (Trommer et al., ICCAD 2022)."""

    weights: tuple[float, ...] = Field(
        default=(0.05, 0.1, 0.2, 0.3), min_length=1, description="lambda: how much noise is rewarded"
    )
    scales: tuple[float, ...] = Field(default=(1.0,), min_length=1, description="factors on the noise")


def build(problem: AssignmentProblem, options: AgnOptions) -> Searcher:
    """Return the searcher: one retrained assignment per reward weight and scale."""
    energy = problem.layer_energy()
    exact = dict.fromkeys(problem.layers, problem.baseline)
    trials = [assignment_trial(problem, exact, "exact", None, options.seed)]
    for weight in options.weights:
        found = problem.tolerance(options.recipe(weight))
        errors = problem.by_name(found.error)
        for scale in options.scales:
            layers = match(found.sigma, errors, energy, scale)
            origin = f"lambda {weight:g}, scale {scale:g}"
            trials.append(assignment_trial(problem, layers, origin, found.weights, options.seed))
    return Listed(tuple(trials))


def assignment_trial(
    problem: AssignmentProblem, layers: Mapping[str, str], origin: str, weights: str | None, seed: int
) -> Trial:
    """Return the retrained evaluation of an assignment, from other weights where ``weights`` names them."""
    genome: dict[str, Any] = {"layers": dict(layers)}
    if weights is not None:
        genome["weights"] = weights
    return Trial(Candidate(genome, origin), problem.fidelity, seed)


METHOD = Method(AgnOptions, build, retraining=10)
