"""Any function as a network: what ``run`` does for the shipped kernels, for a region of a user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from mulsmith.errors import ConfigError, DataError
from mulsmith.search.program.evaluator import ProgramEvaluator, draw_inputs
from mulsmith.search.program.kernel import ErrorName, Floats, Kernel, Sampler
from mulsmith.search.program.multipliers import NetworkMultiplier
from mulsmith.search.program.quality import check_error
from mulsmith.search.program.run import REQUIRED, ProgramResult, ProgramSearch, search_program
from mulsmith.search.program.training import TrainingPlan


def approximate(
    function: Callable[[Floats], Floats],
    sampler: Sampler,
    error: ErrorName,
    bound: float,
    *,
    folder: str | Path | None = None,
    name: str = "function",
    required: float = REQUIRED,
    budget: int = 40,
    seed: int = 0,
    depth: int = 2,
    plan: TrainingPlan | None = None,
    samples: tuple[int, int, int] = (10_000, 4_000, 4_000),
    multipliers: Mapping[str, NetworkMultiplier] | None = None,
) -> ProgramResult:
    """Search for a network in place of any batched function; for a C function see ``c_function``.

    Args:
        function: [calls, inputs] -> [calls, outputs], float64.
        sampler: generator and count -> inputs of that many calls.
        error: metric of one call (``quality.ERRORS``).
        bound: error below which a call counts as right.
        folder: the run folder, from which an interrupted search goes on; without it nothing is kept.
        name: the region's name in messages.
        required: share of calls that must be right; where no network reaches it, the most accurate is
            returned and ``reached`` is False.
        budget: networks to try.
        seed: of search, training and samples.
        depth: most hidden layers.
        plan: how networks are trained.
        samples: calls for training, validation and test.
        multipliers: networks run on one of them in 8 bits, and it is part of the space
            (``multipliers.network_multipliers``).

    Raises:
        DataError: function or sampler raises or returns values that are not finite or another shape, or the
            function is constant.
        ConfigError: an unknown metric, or a bound, share, budget or number of samples that is out of range.
    """
    check_error(error)
    if not 0 < bound < np.inf:
        raise ConfigError(f"the error bound is {bound}, but must be positive and finite")
    settings = ProgramSearch.checked("forest", required=required, budget=budget, seed=seed, depth=depth)
    probe = draw_inputs(name, sampler, np.random.default_rng(seed), 2)
    outputs = _probe_outputs(function, probe, name)
    kernel = Kernel(name, probe.shape[1], outputs, function, sampler, error, (bound,))
    evaluator = ProgramEvaluator(kernel, plan or TrainingPlan(), samples, seed, multipliers or {})
    if folder is not None:
        return search_program(evaluator, settings, Path(folder))
    with TemporaryDirectory() as temporary:
        return search_program(evaluator, settings, Path(temporary))


def _probe_outputs(function: Callable[[Floats], Floats], probe: Floats, name: str) -> int:
    try:
        found = np.asarray(function(probe.copy()))
    except Exception as error:
        raise DataError(f"{name} raised {type(error).__name__}: {error}") from error
    if found.ndim != 2 or len(found) != len(probe):
        raise DataError(f"{name} returned shape {found.shape} for {len(probe)} calls, not [calls, outputs]")
    return int(found.shape[1])
