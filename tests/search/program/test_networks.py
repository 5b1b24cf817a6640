"""Training, cost, search and user functions on small problems."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from mulsmith.errors import ConfigError, StoreError, ToolError
from mulsmith.search.program.evaluator import ProgramEvaluator
from mulsmith.search.program.goals import BoundedGoal, expected_improvement
from mulsmith.search.program.kernel import Floats, Kernel
from mulsmith.search.program.mlp import Mlp, Topology
from mulsmith.search.program.npu import npu_cost
from mulsmith.search.program.run import Engine, ProgramSearch, evaluate_program, search_program
from mulsmith.search.program.smac import Enumeration, Smac
from mulsmith.search.program.smac_package import SmacPackage
from mulsmith.search.program.space import TopologySpace
from mulsmith.search.program.trainable import Trainable
from mulsmith.search.program.training import TrainingPlan, train
from mulsmith.search.run import Progress
from mulsmith.search.trial import Evaluation

SHORT = TrainingPlan(epochs=60, batch=25)
SPLIT = (500, 300, 300)


def _square(inputs: Floats) -> Floats:
    return inputs**2


def _unit(rng: np.random.Generator, count: int) -> Floats:
    return rng.uniform(0.0, 1.0, (count, 1))


SQUARE = Kernel("square", 1, 1, _square, _unit, "output", (0.02, 0.05))


@pytest.mark.parametrize("activations", [("relu", "tanh"), ("sigmoid", "relu")])
def test_gradients_are_those_of_torch(activations: tuple[str, str]) -> None:
    topology = Topology((3, 5, 4, 2), activations)
    ours = Trainable(topology, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    x, y = (rng.standard_normal((7, n)).astype(np.float32) for n in (3, 2))
    shares = rng.uniform(0.5, 1.5, (7, 1)).astype(np.float32)
    ours.gradients(x, y, shares)
    parameters = []
    signal = torch.from_numpy(x)
    for layer, (weight, bias) in enumerate(zip(ours.weights, ours.biases, strict=True)):
        parameters.append([torch.tensor(values, requires_grad=True) for values in (weight, bias)])
        signal = signal @ parameters[-1][0] + parameters[-1][1]
        if layer < 2:
            signal = getattr(torch, activations[layer])(signal)
    loss = (torch.from_numpy(shares) * (signal - torch.from_numpy(y)) ** 2).mean()
    loss.backward()
    for layer, (weight, bias) in enumerate(parameters):
        assert weight.grad is not None and bias.grad is not None
        np.testing.assert_allclose(ours.weight_slopes[layer], weight.grad.numpy(), atol=1e-6)
        np.testing.assert_allclose(ours.bias_slopes[layer], bias.grad.numpy(), atol=1e-6)


def test_training_fits_and_is_reproducible() -> None:
    x = _unit(np.random.default_rng(0), 500)
    topology = Topology((1, 8, 1), ("tanh",))
    first, again = (train(topology, x, x**2, np.ones(500), SHORT, 3) for _ in range(2))
    assert np.abs(first(x) - x**2).mean() < 0.02
    np.testing.assert_array_equal(first(x), again(x))
    np.testing.assert_array_equal(Mlp.from_bytes(first.to_bytes())(x), first(x))
    with pytest.raises(StoreError, match="not a stored network"):
        Mlp.from_bytes(b"nothing")


@pytest.mark.parametrize("widths", [(3, 5, 4, 2), (6, 16, 1), (2, 33, 9, 17, 3)])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_the_compiled_trainer_takes_the_steps_of_numpy(widths: tuple[int, ...], activation: str) -> None:
    rng = np.random.default_rng(0)
    inputs, targets = rng.standard_normal((70, widths[0])), rng.standard_normal((70, widths[-1]))
    shares = rng.uniform(0.5, 1.5, 70)
    topology = Topology(widths, (activation,) * (len(widths) - 2))
    plan = TrainingPlan(epochs=2, batch=23)
    ours, reference = (
        train(topology, inputs, targets, shares, plan, 0, backend) for backend in ("native", "numpy")
    )
    np.testing.assert_allclose(ours(inputs), reference(inputs), atol=2e-4)


def test_cost_grows_with_the_network_and_with_what_leaves_the_chip() -> None:
    small, large = (npu_cost(Topology((2, n, 2), ("relu",))) for n in (8, 64))
    assert small.energy_pj < large.energy_pj and small.array_ns < large.array_ns
    assert small.queue_pj == large.queue_pj > 0
    costs = [
        npu_cost(Topology((2, 8, 2), ("relu",)), residency=r) for r in ("resident", "batched", "streamed")
    ]
    assert costs[0].dram_pj == 0 < costs[1].dram_pj < costs[2].dram_pj
    # Inputs, hidden values twice and outputs, 16 bits each at 8 pJ a bit, must pass DRAM in a batch.
    assert costs[1].dram_pj >= (2 + 8 + 8 + 2) * 16 * 8


def test_expected_improvement_is_the_integral() -> None:
    draws = np.random.default_rng(0).normal(1.0, 2.0, 400_000)
    found = expected_improvement(np.array([1.0, 3.0]), np.array([2.0, 0.0]), 2.0)
    assert found[0] == pytest.approx(np.maximum(draws - 2.0, 0).mean(), rel=0.01)
    assert found[1] == 1.0


@pytest.mark.parametrize(("engine", "budget", "cost"), [(Smac, 60, 40), (SmacPackage, 24, 80)])
def test_engines_find_a_cheap_allowed_width(
    engine: type[Smac | SmacPackage], budget: int, cost: float
) -> None:
    if engine is SmacPackage:
        pytest.importorskip("smac")
    space = TopologySpace(4, 1)

    def metrics(genome: dict[str, list[int]]) -> dict[str, float]:
        size = sum(genome["hidden"]) + 5 * (len(genome["hidden"]) - 1)
        good = genome["activations"][0] == "tanh"
        accuracy = min(1.0, size / 40) if good else 0.5
        return {"accuracy_1": accuracy, "npu_pj": float(size), "mean_error": 1.001 - accuracy}

    def found() -> list[dict[str, float]]:
        searcher = engine(space, BoundedGoal("accuracy_1", 0.9), budget=budget, seed=2)
        told: list[dict[str, float]] = []
        while trials := searcher.ask():
            outcomes = [Evaluation(trial, metrics(trial.candidate.genome)) for trial in trials]
            told += [dict(evaluation.metrics) for evaluation in outcomes]
            searcher.tell(outcomes)
        return told

    first = found()
    assert len(first) == budget and first == found()
    assert min(m["npu_pj"] for m in first if m["accuracy_1"] >= 0.9) <= cost


@pytest.mark.parametrize("engine", ["forest", "smac"])
def test_a_second_bound_learns_from_the_first(engine: Engine, tmp_path: Path) -> None:
    if engine == "smac":
        pytest.importorskip("smac")
    evaluator = ProgramEvaluator(SQUARE, SHORT, SPLIT)
    first = evaluate_program(evaluator, ProgramSearch(engine, budget=5), tmp_path)
    new: list[Progress] = []
    plan = ProgramSearch(engine, group=1, budget=4)
    second = evaluate_program(evaluator, plan, tmp_path, new.append, known=first)
    # Known networks are neither asked for again nor counted.
    assert len(new) == len(second) == 4
    assert not {e.trial.candidate.id for e in first} & {e.trial.candidate.id for e in second}


def test_the_first_of_a_batch_is_judged_by_its_error() -> None:
    goal = BoundedGoal("accuracy_1", 0.9)
    rows = ((0.0, 0.1, 50.0), (0.0, 0.02, 30.0), (0.95, 0.004, 90.0), (0.99, 0.002, 120.0))
    told = [{"accuracy_1": a, "mean_error": error, "npu_pj": pj} for a, error, pj in rows]
    # Both are cheaper than the solution; the second has no accuracy, but an error that would be enough.
    mean = np.array([[0.9, 0.0], np.log([60.0, 60.0]), -np.log([0.1, 0.005])])
    deviation = np.full((3, 2), 0.1)
    assert goal.gain(told, mean, deviation, 0).argmax() == 1
    assert goal.gain(told, mean, deviation, 1).argmax() == 0


def test_a_missing_smac_package_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smac", None)
    with pytest.raises(ToolError, match="cannot be imported") as caught:
        ProgramSearch("smac").searcher(SQUARE)
    assert "mulsmith[smac]" in str(caught.value)


def test_enumeration_is_all_powers_of_two() -> None:
    baseline = Enumeration(TopologySpace(2, 2))
    assert len(baseline.ask()) == baseline.planned() == 49 and baseline.ask() == []


@pytest.mark.parametrize(
    ("genome", "message"),
    [
        ({"hidden": [4]}, "a topology is an object"),
        ({"hidden": [4, 4, 4], "activations": ["relu"] * 3}, r"1\.\.2 hidden layers"),
        ({"hidden": [400], "activations": ["relu"]}, r"integers in 1\.\.128"),
        ({"hidden": [4], "activations": ["sine"]}, "unknown activations"),
    ],
)
def test_wrong_topologies_are_explained(genome: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TopologySpace(2, 2).validate(genome)


def test_search_resumes_and_ignores_the_number_of_workers(tmp_path: Path) -> None:
    evaluator = ProgramEvaluator(SQUARE, SHORT, SPLIT)
    plan = ProgramSearch(budget=6)
    first = search_program(evaluator, plan, tmp_path / "one")
    new: list[object] = []
    again = search_program(evaluator, plan, tmp_path / "one", new.append)
    assert not new and first.chosen == again.chosen and len(first.tried) == 6
    parallel = search_program(evaluator, ProgramSearch(budget=6, workers=2), tmp_path / "two")
    assert parallel.chosen == first.chosen
