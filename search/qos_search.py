"""``qos``: few multipliers for several operating points of one network, weights shared (QoS-Nets, 2024)."""

from __future__ import annotations

from pydantic import Field

from mulsmith.search.agn import NoiseOptions, assignment_trial
from mulsmith.search.problem import AssignmentProblem, Listed, Method
from mulsmith.search.qos import plan_points
from mulsmith.search.searcher import Searcher
from mulsmith.search.subset import Method as SubsetMethod
from mulsmith.search.trial import Candidate, Trial


class QosOptions(NoiseOptions):
    """QoS-Nets (Trommer et al. 2024)."""

    weight: float = Field(default=0.2, description="lambda: how much noise is rewarded")
    scales: tuple[float, ...] = Field(
        default=(0.3, 1.0, 2.0), min_length=1, description="factor on the noise at each operating point"
    )
    sizes: tuple[int, ...] = Field(default=(4,), min_length=1, description="multipliers on the chip")
    subset: SubsetMethod = Field(default="auto", description="exact, greedy or paper; auto")
    twins: bool = Field(
        default=False, description="train every operating point alone as well, for comparison"
    )


def build(problem: AssignmentProblem, options: QosOptions) -> Searcher:
    """Return the searcher: one plan of operating points per size of the subset."""
    found = problem.tolerance(options.recipe(options.weight))
    errors, energy = problem.by_name(found.error), problem.layer_energy()
    plans: list[Trial] = []
    twins: list[Trial] = []
    for size in options.sizes:
        plan = plan_points(found.sigma, errors, energy, options.scales, size, options.subset, options.seed)
        genome = {"subset": list(plan.subset), "points": [dict(point) for point in plan.points]}
        if found.weights is not None:
            genome["weights"] = found.weights
        plans.append(Trial(Candidate(genome, f"{size} multipliers"), problem.fidelity, options.seed))
        for scale, point in zip(options.scales, plan.points, strict=True):
            origin = f"twin at scale {scale:g}"
            twins.append(assignment_trial(problem, point, origin, found.weights, options.seed))
    return Listed((*plans, *(twins if options.twins else ())))


METHOD = Method(QosOptions, build, retraining=10, one_form=True)
