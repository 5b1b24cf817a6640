"""Multipliers evolved for a network beside general ones at equal accuracy: ResNet-8, CIFAR-10.

    python benchmarks/specialised_circuits.py RUN... --general FILE... --operands operands.npz --liberty LIB
        --cifar FOLDER --weights resnet8.pt --work FOLDER [--layers] [--losses 0.5 1] [--epochs 1]

RUN are folders of ``mulsmith circuits evolve-set`` with the operands of the network. Both sides have the
centred weight map and bias correction. One multiplier serves all layers, or with ``--layers`` each layer
has its own: whichever costs least at one price for the error relative to the layer's output, for many
prices. What no other beats in corrected error and power is emulated on validation images, once: what is
there is kept. Then, for each loss of accuracy, the cheapest general choice stands beside the cheapest one
of each seed that is at least as accurate; test accuracies are those of the chosen ones, as are those after
``--epochs`` of retraining. Powers are in uW at 1 GHz: with the network's operands (weights stay), with
uniform ones, and at activity 0.1; the last columns say how much of each is saved, in %.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from mulsmith.characterize.activity import Uniform
from mulsmith.characterize.centred import centred_squares
from mulsmith.characterize.flow import report_mapped, synthesis_report
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.lut import Lut
from mulsmith.characterize.power_table import power_table
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.synthesis import synthesize
from mulsmith.characterize.timing import analyze
from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.circuits.verilog import read_verilog
from mulsmith.codesign.evolution_operands import read_operands
from mulsmith.emulate import Quantisation, convert, reassign
from mulsmith.emulate.corrections import Corrections, map_for
from mulsmith.emulate.data import Split, load_data
from mulsmith.emulate.operand_sample import OperandSample, record_codes, sample_operands
from mulsmith.emulate.training import Recipe, accuracy, load_state, save_state, train
from mulsmith.emulate.zoo import build
from mulsmith.energy.operands import Form
from mulsmith.provenance import sha256_hex
from mulsmith.search.evolution.trials import circuit_name, circuit_path
from mulsmith.search.operands import histograms
from mulsmith.search.store import Store, stored_configuration
from mulsmith.storage import atomic_write

VALIDATION_IMAGES, TEST_IMAGES, CALIBRATION_IMAGES, FIELDS = 5000, 10_000, 128, 512
FORM = (8, 8, True)
MULTIPLICATIONS = {
    "conv1": 442_368, "layer1.0.conv1": 2_359_296, "layer1.0.conv2": 2_359_296, "layer2.0.conv1": 1_179_648,
    "layer2.0.conv2": 2_359_296, "layer2.0.downsample.0": 131_072, "layer3.0.conv1": 1_179_648,
    "layer3.0.conv2": 2_359_296, "layer3.0.downsample.0": 131_072, "fc": 640,
}  # fmt: skip
PRICES = np.geomspace(1.0, 1e5, 41)
"""Of the squared error relative to a layer's output, in uW."""

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Circuit:
    """A multiplier and what was measured of it.

    Attributes:
        name: of the file.
        lut: its table.
        squares: mean square that weight map and bias correction leave in each layer.
        power_uw: with the operands of each layer, [layers].
        other_uw: with uniform operands, and at activity 0.1.
    """

    name: str
    lut: Lut
    squares: Floats
    power_uw: Floats
    other_uw: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A circuit for every layer."""

    circuits: tuple[Circuit, ...]
    shares: Floats

    @property
    def name(self) -> str:
        """Its circuit, or how many there are."""
        names = {circuit.name for circuit in self.circuits}
        return names.pop() if len(names) == 1 else f"{len(names)} circuits"

    @property
    def squares(self) -> Floats:
        """What is left of the squared error in each layer."""
        return np.array([circuit.squares[at] for at, circuit in enumerate(self.circuits)])

    @property
    def corrected_rms(self) -> float:
        """Over all multiplications."""
        return float(np.sqrt(self.shares @ self.squares))

    @property
    def powers_uw(self) -> tuple[float, float, float]:
        """Mean power of a multiplication with the network's operands, uniform ones, and at activity 0.1."""
        own = [circuit.power_uw[at] for at, circuit in enumerate(self.circuits)]
        others = np.array([circuit.other_uw for circuit in self.circuits])
        uniform, rated = self.shares @ others
        return float(self.shares @ own), float(uniform), float(rated)


class Emulation:
    """The network on chosen multipliers; accuracies and trained weights are kept."""

    def __init__(self, cifar: Path, weights: Path, work: Path) -> None:
        self._data = load_data("cifar10", cifar, 0)
        self._work = work
        self._kept = work / "accuracies.json"
        self._known: dict[str, float] = json.loads(self._kept.read_text()) if self._kept.exists() else {}
        images = next(iter(self._data.train.batches(CALIBRATION_IMAGES)))[0]
        model = build("cifar-resnet8", self._data.classes, self._data.shape[0])
        model.load_state_dict(load_state(weights))
        self._network: nn.Module = convert(model.eval(), Lut.exact(*FORM), [images], Quantisation())
        codes = record_codes(self._network, images)
        generator = torch.Generator().manual_seed(0)
        self._samples = {name: sample_operands(codes[name], FIELDS, generator) for name in MULTIPLICATIONS}
        self.relative = np.array(
            [_relative(histograms(self._samples[name]), codes[name].output_std()) for name in MULTIPLICATIONS]
        )

    def accuracy(self, luts: Sequence[Lut], test: bool = False, epochs: int = 0) -> float:
        """Return the accuracy on validation or test images in %, after so many epochs of retraining."""
        split = self._data.test if test else self._data.validation
        count = TEST_IMAGES if test else VALIDATION_IMAGES
        digest = sha256_hex("".join(lut.sha256() for lut in luts).encode())
        key = f"{'test' if test else 'validation'} {count} {epochs} {digest}"
        if key not in self._known:
            network = self._on(luts, digest, epochs)
            self._known[key] = 100 * accuracy(network, _first(split, count))
            atomic_write(self._kept, json.dumps(self._known, indent=1).encode())
            print(f"{key}: {self._known[key]:.2f} %", flush=True)
        return self._known[key]

    def _on(self, luts: Sequence[Lut], digest: str, epochs: int) -> nn.Module:
        tables, mapping = dict(zip(MULTIPLICATIONS, luts, strict=True)), "centred"
        if epochs:
            tables = {name: _folded(lut, self._samples[name]) for name, lut in tables.items()}
            mapping = "none"
        network = reassign(self._network, tables)
        Corrections({FORM: self._samples}, mapping)(network)
        if epochs:
            trained = self._work / f"{digest}-{epochs}.pt"
            if trained.exists():
                network.load_state_dict(load_state(trained))
            else:
                train(network, self._data.train, Recipe(epochs, 1e-3, batch=128, augment=True))
                save_state(trained, network.state_dict())
        return network


def _folded(lut: Lut, sample: OperandSample) -> Lut:
    """Return the table with weight map and the mean error of every weight taken in.

    A sum's bias can take the means of its weights up exactly, so training may change weights and keep both.
    """
    results = lut.table[:, map_for(lut, sample, "centred")]
    errors = results - Lut.exact(*FORM).table
    return Lut(results - np.rint(sample.a_histogram() @ errors).astype(np.int32), *FORM)


def _relative(operands: Any, output_std: float) -> float:
    """Return how much a layer's relative squared error grows with the mean square of one product."""
    kind = operands.kinds[0]
    return float(kind.fan_in * np.square(operands.units).mean() / output_std**2)


def _first(split: Split, count: int) -> Split:
    return split.take(torch.arange(min(count, len(split))))


def measured(files: Iterable[Path], mix: OperandMix, liberty: Liberty, kept: Path) -> list[Circuit]:
    """Measure circuits; what is there already is kept."""
    known: dict[str, dict[str, Any]] = json.loads(kept.read_text()) if kept.exists() else {}
    found = []
    for path in files:
        netlist = read_verilog(path).with_signed(True)
        lut, key = simulate_lut(netlist), netlist.sha256()
        if key not in known:
            mapped = synthesize(netlist, liberty)
            table = power_table(mapped, liberty, analyze(mapped, liberty))
            layers = zip(mix.a, mix.b, strict=True)
            known[key] = {
                "power_uw": [1000 * table.power(a, b, mix.stationary).total_mw for a, b in layers],
                "uniform_uw": 1000 * synthesis_report(netlist, liberty, Uniform()).power_mw,
                "rated_uw": 1000 * report_mapped(mapped, liberty).power_mw,
            }
            atomic_write(kept, json.dumps(known, indent=1).encode())
        powers = known[key]
        left = [q @ centred_squares(lut, p).min(axis=1) for p, q in zip(mix.a, mix.b, strict=True)]
        other = powers["uniform_uw"], powers["rated_uw"]
        found.append(Circuit(path.stem, lut, np.array(left), np.array(powers["power_uw"]), other))
    return found


def evolved(runs: Iterable[Path]) -> dict[int, list[Path]]:
    """Return the evolved circuits of every seed of campaigns."""
    found: dict[int, list[Path]] = {}
    for run in runs:
        with Store(run, stored_configuration(run)) as store:
            for evaluation in store:
                if evaluation.trial.candidate.origin == "evolution" and not evaluation.failed:
                    path = circuit_path(run, circuit_name(evaluation.trial))
                    found.setdefault(evaluation.trial.seed, []).append(path)
    return dict(sorted(found.items()))


def choices(circuits: Sequence[Circuit], shares: Floats, relative: Floats | None) -> list[Choice]:
    """Return undominated choices: one circuit for all layers, or mixtures by weights of their errors."""
    if relative is None:
        found = [Choice((circuit,) * len(shares), shares) for circuit in circuits]
        weights = shares
    else:
        weights = relative
        power = np.array([circuit.power_uw for circuit in circuits]) * shares
        error = np.array([circuit.squares for circuit in circuits]) * weights
        cheapest = {tuple((power + price * error).argmin(axis=0).tolist()) for price in PRICES}
        found = [Choice(tuple(circuits[at] for at in places), shares) for places in sorted(cheapest)]
    kept: list[Choice] = []
    for choice in sorted(found, key=lambda c: (float(weights @ c.squares), c.powers_uw)):
        if not kept or choice.powers_uw[0] < kept[-1].powers_uw[0]:
            kept.append(choice)
    return kept


def cheapest(found: Iterable[Choice], emulation: Emulation, least: float) -> Choice | None:
    """Return the choice of least power whose validation accuracy is at least ``least``."""
    rising = sorted(found, key=lambda choice: choice.powers_uw[0])
    return next((c for c in rising if emulation.accuracy([x.lut for x in c.circuits]) >= least), None)


def print_row(name: str, emulation: Emulation, found: Choice, reference: Choice, epochs: int) -> None:
    """Print accuracies, powers and what is saved against a reference."""
    luts = [circuit.lut for circuit in found.circuits]
    trainings = [0, epochs] if epochs else [0]
    accuracies = [emulation.accuracy(luts, test, n) for n in trainings for test in (False, True)]
    powers = list(zip(found.powers_uw, reference.powers_uw, strict=True))
    cells = [
        name,
        found.name,
        f"{found.corrected_rms:.1f}",
        *(f"{value:.2f}" for value in accuracies),
        *(f"{own:.1f}" for own, _ in powers),
        *("" if found is reference else f"{100 * (1 - own / other):.1f}" for own, other in powers),
    ]
    print("| " + " | ".join(cells) + " |", flush=True)


def compare(
    general: Sequence[Choice], own: Mapping[int, Sequence[Choice]], emulation: Emulation, options: Any
) -> None:
    """Print the cheapest choices of both sides for every loss."""
    exact = emulation.accuracy([Lut.exact(*FORM)] * len(MULTIPLICATIONS))
    print(f"exact: {exact:.2f} %", flush=True)
    for loss in options.losses:
        reference = cheapest(general, emulation, exact - loss)
        if reference is None:
            continue
        print_row(f"{loss:g} general", emulation, reference, reference, options.epochs)
        least = emulation.accuracy([circuit.lut for circuit in reference.circuits])
        for seed, candidates in own.items():
            found = cheapest(candidates, emulation, least)
            if found is not None:
                print_row(f"{loss:g} seed {seed}", emulation, found, reference, options.epochs)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--general", type=Path, nargs="+", required=True)
    for name in ("operands", "liberty", "cifar", "weights", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--losses", type=float, nargs="+", default=[0.5, 1.0, 2.0, 4.0])
    parser.add_argument("--layers", action="store_true")
    parser.add_argument("--epochs", type=int, default=0)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    mix = read_operands(options.operands, Form(*FORM), MULTIPLICATIONS)
    liberty, kept = Liberty.read(options.liberty), options.work / "circuits.json"
    emulation = Emulation(options.cifar, options.weights, options.work)
    relative = emulation.relative if options.layers else None
    general = choices(measured(options.general, mix, liberty, kept), mix.shares, relative)
    own = {
        seed: choices(measured(paths, mix, liberty, kept), mix.shares, relative)
        for seed, paths in evolved(options.runs).items()
    }
    compare(general, own, emulation, options)


if __name__ == "__main__":
    main()
