"""Multipliers evolved for a network beside general ones at equal accuracy: ResNet-8, CIFAR-10, no retraining.

    python benchmarks/specialised_circuits.py CONFIG.toml RUN --general FILE... --cifar FOLDER
        --weights resnet8.pt --work FOLDER

RUN is the folder of ``mulsmith circuits evolve-set CONFIG.toml`` with the operands of the network; general
circuits are the files that the campaign starts from and those of ``--general``. One multiplier serves all
layers; weight map and bias correction are the same for both sides. Of each side the circuits that no other
beats in weighted RMS error and operand power are emulated on validation images, once: what is there is
kept. Then, for each loss of accuracy, the cheapest general circuit stands beside the cheapest one of each
seed that is at least as accurate; test accuracies are those of the chosen ones. Powers are in uW at 1 GHz:
with the network's operands, with uniform ones, and at activity 0.1; the last columns say how much of each
is saved, in %.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from mulsmith.characterize.activity import Uniform
from mulsmith.characterize.flow import synthesis_report
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.lut import Lut
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.verilog import read_verilog
from mulsmith.codesign.evolution_config import EvolutionConfig
from mulsmith.emulate import Quantisation, approx_layers, convert, reassign
from mulsmith.emulate.corrections import Corrections
from mulsmith.emulate.data import Split, load_data
from mulsmith.emulate.operand_sample import record_codes, sample_operands
from mulsmith.emulate.training import accuracy, load_state
from mulsmith.emulate.zoo import build
from mulsmith.provenance import sha256_hex
from mulsmith.search.evolution.trials import EvolutionEvaluator, circuit_name, circuit_path, start_trial
from mulsmith.search.store import Store, stored_configuration
from mulsmith.storage import atomic_write
from mulsmith.toml_file import read_toml

VALIDATION_IMAGES, TEST_IMAGES, CALIBRATION_IMAGES, FIELDS = 5000, 10_000, 128, 512
LOSSES_PP = (0.5, 1.0, 2.0, 5.0, 10.0)
FORM = (8, 8, True)

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Circuit:
    """A multiplier's file and what was measured of it."""

    path: Path
    figures: Figures

    @property
    def power(self) -> float:
        """Power with the operands of the network, in uW."""
        return 1000 * self.figures["operand_power_mw"]


class Emulation:
    """The network on one multiplier in all layers; accuracies are kept in a file."""

    def __init__(self, cifar: Path, weights: Path, kept: Path) -> None:
        self._data = load_data("cifar10", cifar, 0)
        self._kept = kept
        self._known: dict[str, float] = json.loads(kept.read_text()) if kept.exists() else {}
        images = next(iter(self._data.train.batches(CALIBRATION_IMAGES)))[0]
        model = build("cifar-resnet8", self._data.classes, self._data.shape[0])
        model.load_state_dict(load_state(weights))
        self._network: nn.Module = convert(model.eval(), Lut.exact(*FORM), [images], Quantisation())
        codes = record_codes(self._network, images)
        generator = torch.Generator().manual_seed(0)
        samples = {name: sample_operands(met, FIELDS, generator) for name, met in codes.items()}
        self._corrections = Corrections({FORM: samples})

    def validation(self, lut: Lut) -> float:
        """Return the accuracy on the first validation images, in %."""
        return self._accuracy("validation", self._data.validation, VALIDATION_IMAGES, lut)

    def test(self, lut: Lut) -> float:
        """Return the accuracy on the test images, in %."""
        return self._accuracy("test", self._data.test, TEST_IMAGES, lut)

    def _accuracy(self, name: str, split: Split, count: int, lut: Lut) -> float:
        key = f"{name} {min(count, len(split))} {lut.sha256()}"
        if key not in self._known:
            network = reassign(self._network, dict.fromkeys(approx_layers(self._network), lut))
            self._corrections(network)
            self._known[key] = 100 * accuracy(network, split.take(torch.arange(min(count, len(split)))))
            atomic_write(self._kept, json.dumps(self._known, indent=1).encode())
            print(f"{key}: {self._known[key]:.2f} %", flush=True)
        return self._known[key]


def table(path: Path) -> Lut:
    """Return the table of a circuit."""
    return simulate_lut(read_verilog(path).with_signed(True))


def measured(config: EvolutionConfig, files: Iterable[Path], work: Path) -> list[Circuit]:
    """Measure general circuits as the campaign measures its own; what is there already is kept."""
    paths = {path.stem: path for path in files}
    cells = config.cells.liberty
    digest = Liberty.read(cells).sha256 if cells else Liberty.embedded().sha256
    operands = config.operands.read(config.multiplier)
    evaluator = EvolutionEvaluator(work, paths, True, cells, digest, operands)
    kept = work / "general.json"
    known: dict[str, Figures] = json.loads(kept.read_text()) if kept.exists() else {}
    for name, path in paths.items():
        if name not in known:
            known[name] = dict(evaluator.evaluate(start_trial(path, sha256_hex(path.read_bytes()))))
            atomic_write(kept, json.dumps(known, indent=1).encode())
    return [Circuit(path, known[name]) for name, path in paths.items()]


def evolved(run: Path) -> dict[int, list[Circuit]]:
    """Return the evolved circuits of every seed of a campaign."""
    found: dict[int, list[Circuit]] = {}
    with Store(run, stored_configuration(run)) as store:
        for evaluation in store:
            if evaluation.trial.candidate.origin == "evolution" and not evaluation.failed:
                path = circuit_path(run, circuit_name(evaluation.trial))
                found.setdefault(evaluation.trial.seed, []).append(Circuit(path, evaluation.metrics))
    return found


def promising(circuits: Sequence[Circuit]) -> list[Circuit]:
    """Return the circuits that no other beats in weighted RMS error and operand power."""
    kept: list[Circuit] = []
    for circuit in sorted(circuits, key=lambda c: (c.figures["weighted_rms"], c.power)):
        if not kept or circuit.power < kept[-1].power:
            kept.append(circuit)
    return kept


def cheapest(circuits: Iterable[Circuit], emulation: Emulation, least: float) -> Circuit | None:
    """Return the circuit of least power whose validation accuracy is at least ``least``."""
    fit = [c for c in circuits if emulation.validation(table(c.path)) >= least]
    return min(fit, key=lambda c: c.power, default=None)


def print_row(
    config: EvolutionConfig, emulation: Emulation, name: str, found: Circuit, reference: Circuit | None
) -> None:
    """Print accuracies, powers and what is saved against a reference."""
    liberty = Liberty.read(config.cells.liberty) if config.cells.liberty else Liberty.embedded()
    powers = {}
    for role, circuit in (("own", found), ("reference", reference or found)):
        uniform = synthesis_report(read_verilog(circuit.path).with_signed(True), liberty, Uniform())
        powers[role] = (circuit.power, 1000 * uniform.power_mw, 1000 * circuit.figures["power_mw"])
    saved = [100 * (1 - own / other) for own, other in zip(powers["own"], powers["reference"], strict=True)]
    lut = table(found.path)
    cells = [
        name,
        found.path.stem,
        f"{found.figures['weighted_rms']:.1f}",
        f"{emulation.validation(lut):.2f}",
        f"{emulation.test(lut):.2f}",
        *(f"{power:.1f}" for power in powers["own"]),
        *("" if reference is None else f"{share:.1f}" for share in saved),
    ]
    print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--general", type=Path, nargs="*", default=[])
    for name in ("cifar", "weights", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    config = read_toml(EvolutionConfig, options.config)
    general = promising(measured(config, [*config.starts.files, *options.general], options.work))
    own = {seed: promising(circuits) for seed, circuits in evolved(options.run).items()}
    emulation = Emulation(options.cifar, options.weights, options.work / "accuracies.json")
    exact = emulation.validation(Lut.exact(*FORM))
    for loss in LOSSES_PP:
        reference = cheapest(general, emulation, exact - loss)
        if reference is None:
            continue
        print_row(config, emulation, f"{loss:g} general", reference, None)
        least = emulation.validation(table(reference.path))
        for seed, circuits in sorted(own.items()):
            found = cheapest(circuits, emulation, least)
            if found is not None:
                print_row(config, emulation, f"{loss:g} seed {seed}", found, reference)


if __name__ == "__main__":
    main()
