"""All seven kernels and their thirteen bounds with full training, interrupted and resumed; nightly."""

from pathlib import Path

import pytest

from mulsmith.search.program.evaluator import ProgramEvaluator, accuracy_metric
from mulsmith.search.program.kernel_run import KernelRun, run_kernel
from mulsmith.search.program.kernels import KERNELS, kernel_named
from mulsmith.search.program.run import REQUIRED, ProgramSearch, least_energy, search_program
from mulsmith.search.run import Progress

INTERRUPTED_AT = 20


@pytest.mark.nightly
@pytest.mark.parametrize("name", KERNELS)
def test_the_forest_finds_no_worse_network_than_the_enumeration(name: str, tmp_path: Path) -> None:
    evaluator = ProgramEvaluator(kernel_named(name))
    required = []
    for group in range(len(evaluator.kernel.bounds)):
        base = search_program(evaluator, ProgramSearch("enumeration", group), tmp_path)
        top = max(e.metrics[accuracy_metric(group)] for e in base.front)
        required.append((min(REQUIRED, top), list(base.front)))
    settings = ProgramSearch(required=min(share for share, _ in required), budget=50)
    new = 0

    def interrupt(group: int, progress: Progress) -> None:
        nonlocal new
        new += 1
        if new == INTERRUPTED_AT:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_kernel(KernelRun(name, settings=settings), tmp_path, watch=interrupt)
    seen: list[int] = []
    found = run_kernel(
        KernelRun(name, settings=settings), tmp_path, watch=lambda group, _: seen.append(group)
    )
    # A topology of the enumeration that is asked for again is stored too.
    assert 0 < seen.count(0) <= settings.budget - INTERRUPTED_AT
    for group, bound in enumerate(found["bounds"]):
        metric = accuracy_metric(group)
        level = min(settings.required, bound["accuracy"])
        base_chosen, reached = least_energy(required[group][1], metric, level)
        assert reached and bound["metrics"]["npu_pj"] <= base_chosen.metrics["npu_pj"]
